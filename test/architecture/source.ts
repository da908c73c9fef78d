/** A source file as the rules of the house see it: its path, its lines and its syntax tree. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@babel/parser";

/** The repository. */
export const projectRoot = join(import.meta.dir, "..", "..");

/** A node of the syntax tree, as far as the rules look into it. */
export interface SyntaxNode {
  readonly type: string;
  readonly loc: {
    readonly start: { readonly line: number };
    readonly end: { readonly line: number };
  };
  readonly [field: string]: unknown;
}

/** One file, parsed. `path` is relative to the repository, with forward slashes. */
export interface Source {
  readonly path: string;
  readonly lines: readonly string[];
  readonly program: SyntaxNode;
  readonly comments: readonly { readonly line: number; readonly text: string }[];
}

/** A broken rule: where, and what to do about it. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Looks at one file. */
export type Rule = (source: Source) => readonly Violation[];

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && "type" in value && "loc" in value;

/** Parses `text` as if it stood at `path`. Errors: a syntax error, with its position. */
export function parseSource(path: string, text: string): Source {
  const plugins = path.endsWith(".tsx")
    ? (["typescript", "jsx"] as const)
    : (["typescript"] as const);
  const file = parse(text, { sourceType: "module", plugins: [...plugins] });
  const program: unknown = file.program;
  if (!isNode(program)) throw new Error(`${path}: the parser gave no program`);
  const comments = (file.comments ?? []).map((comment) => ({
    line: comment.loc?.start.line ?? 1,
    text: comment.value,
  }));
  return { path, lines: text.replace(/\n$/, "").split("\n"), program, comments };
}

/** Every TypeScript file under the given top folders, parsed. */
export function readSources(folders: readonly string[]): readonly Source[] {
  const glob = new Bun.Glob(`{${folders.join(",")}}/**/*.{ts,tsx}`);
  const paths = [...glob.scanSync({ cwd: projectRoot })].sort();
  return paths.map((path) => parseSource(path, readFileSync(join(projectRoot, path), "utf8")));
}

/** The nodes directly below `node`. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  return Object.entries(node)
    .filter(([field]) => !field.endsWith("Comments"))
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

/** `node` and everything below it, with the parent of each. */
export function* walk(
  node: SyntaxNode,
  parent: SyntaxNode | null = null,
): Generator<{ readonly node: SyntaxNode; readonly parent: SyntaxNode | null }> {
  yield { node, parent };
  for (const child of childrenOf(node)) yield* walk(child, node);
}

/** A violation at `node`. */
export const violationAt = (source: Source, node: SyntaxNode, message: string): Violation => ({
  path: source.path,
  line: node.loc.start.line,
  message,
});

/** One line a person can click on. */
export const describeViolation = ({ path, line, message }: Violation) =>
  `${path}:${line} ${message}`;
