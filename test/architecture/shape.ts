/** Few, clear, small pieces: limits on files, functions, lines and names; no way round types. */
import { childrenOf, type Rule, type Source, type SyntaxNode, violationAt, walk } from "./source";

export const FILE_LINES_MAX = 300;
export const FUNCTION_LINES_MAX = 60;
export const LINE_COLUMNS_MAX = 100;

/** Where functions are short and types honest, too; tests and scripts may tell long stories. */
const STRICT_FOLDERS = ["src/", "bench/"];
const isStrict = ({ path }: Source) => STRICT_FOLDERS.some((folder) => path.startsWith(folder));

const FUNCTIONS = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ObjectMethod",
  "ClassMethod",
  "ClassPrivateMethod",
]);

/** A file fits on a few screens. */
export const filesAreShort: Rule = ({ path, lines }) =>
  lines.length <= FILE_LINES_MAX
    ? []
    : [{ path, line: lines.length, message: `${lines.length} lines: split it by concept` }];

/** A line fits beside another. */
export const linesAreNarrow: Rule = ({ path, lines }) =>
  lines.flatMap((text, at) => {
    const columns = [...text].length;
    return columns <= LINE_COLUMNS_MAX
      ? []
      : [{ path, line: at + 1, message: `${columns} columns: wrap it at ${LINE_COLUMNS_MAX}` }];
  });

/** The lines of the functions within `node` but for the line each one starts on. */
function linesOfNested(node: SyntaxNode): readonly number[] {
  return childrenOf(node).flatMap((child) => {
    if (!FUNCTIONS.has(child.type)) return linesOfNested(child);
    const { start, end } = child.loc;
    return Array.from({ length: end.line - start.line }, (_, at) => start.line + 1 + at);
  });
}

/** A function fits on one screen; what is nested in it counts for itself. */
export const functionsAreShort: Rule = (source) => {
  if (!isStrict(source)) return [];
  return [...walk(source.program)].flatMap(({ node }) => {
    if (!FUNCTIONS.has(node.type)) return [];
    const { start, end } = node.loc;
    const own = end.line - start.line + 1 - new Set(linesOfNested(node)).size;
    return own <= FUNCTION_LINES_MAX
      ? []
      : [violationAt(source, node, `a function of ${own} own lines: name its parts`)];
  });
};

/** What a node does to get round the types, or null. */
function wayRound(node: SyntaxNode): string | null {
  if (node.type === "TSAnyKeyword") return "`any`: say what it is, or `unknown`";
  if (node.type === "TSNonNullExpression") return "`!`: handle the missing case, or assert it";
  if (node.definite === true) return "`!:` : initialise it";
  return null;
}

function suppression(text: string): string | null {
  if (/@ts-(ignore|expect-error|nocheck)/.test(text)) return "a silenced type error: mend it";
  const justified = text.includes("Justification:");
  if (text.includes("biome-ignore") && !justified) return 'a suppression without "Justification:"';
  return null;
}

/** The types are believed, so nothing may lie to them. */
export const typesAreHonest: Rule = (source) => {
  if (!isStrict(source)) return [];
  const inCode = [...walk(source.program)].flatMap(({ node }) => {
    const message = wayRound(node);
    return message === null ? [] : [violationAt(source, node, message)];
  });
  const inComments = source.comments.flatMap(({ line, text }) => {
    const message = suppression(text);
    return message === null ? [] : [{ path: source.path, line, message }];
  });
  return [...inCode, ...inComments];
};

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const SHAPELESS = /(^|[-./])(utils?|helpers?|managers?|misc|common)([-./]|$)/;

/** A file is named after its one concept. */
export const namesSayWhat: Rule = ({ path }: Source) => {
  const violation = (message: string) => [{ path, line: 1, message }];
  if (SHAPELESS.test(path)) return violation("is a drawer, not a concept: name what is in it");
  if (!path.split("/").every((part) => KEBAB_CASE.test(part))) return violation("use kebab-case");
  return [];
};
