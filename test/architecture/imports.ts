/** Imports go one way: every arrow between rooms goes down a rank. */
import { posix } from "node:path";
import { type Rule, type Source, type SyntaxNode, violationAt, walk } from "./source";

/** Rooms from the roof to the ground. Rooms of one rank never see each other. */
const RANKS: readonly (readonly string[])[] = [
  ["main"],
  ["cli"],
  ["client"],
  ["api"],
  ["observe"],
  ["simulation"],
  ["actors"],
  ["machines", "store"],
  ["codec"],
  ["leaves"],
];

/** The files directly under `src`, and the room each belongs to. */
const ROOM_OF_FILE: Readonly<Record<string, string>> = {
  main: "main",
  balsa: "main",
  config: "main",
  flags: "main",
  "freed-memory": "main",
  join: "main",
  "last-words": "main",
  "peer-port": "main",
  recover: "main",
  "recover-flags": "main",
  types: "leaves",
  messages: "leaves",
  errors: "leaves",
  assert: "leaves",
  durations: "leaves",
};

const withoutEnding = (path: string) => path.replace(/\.tsx?$/, "");

const rankOf = (room: string) => RANKS.findIndex((rank) => rank.includes(room));

/** `src/machines/raft/guards` is in `machines`; null for a place the house does not have. */
function roomOf(path: string): string | null {
  // The program's version is main's to tell.
  if (path === "package.json") return "main";
  const [top, first = "", ...rest] = withoutEnding(path).split("/");
  if (top !== "src") return null;
  const room = rest.length > 0 ? first : (ROOM_OF_FILE[first] ?? "");
  return rankOf(room) >= 0 ? room : null;
}

/** An import, export-from or dynamic import. */
export interface ImportArrow {
  readonly node: SyntaxNode;
  /** As written. */
  readonly specifier: string;
  /** Repository path without extension for a relative import, else null. */
  readonly target: string | null;
}

const literalOf = (value: unknown) =>
  typeof value === "object" && value !== null && "value" in value && typeof value.value === "string"
    ? value.value
    : null;

/** The module a node imports from, or null where it is no import. */
function specifierOf(node: SyntaxNode): string | null {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
      return literalOf(node.source);
    case "TSImportType":
      return literalOf(node.argument);
    case "CallExpression": {
      const { callee, arguments: given } = node as { callee?: SyntaxNode; arguments?: unknown[] };
      const imports = callee?.type === "Import" || callee?.name === "require";
      return imports ? literalOf(given?.[0]) : null;
    }
    default:
      return null;
  }
}

/** Every import of a file, type-only ones included. */
export function importsOf(source: Source): readonly ImportArrow[] {
  const arrows: ImportArrow[] = [];
  for (const { node } of walk(source.program)) {
    const specifier = specifierOf(node);
    if (specifier === null) continue;
    const path = withoutEnding(posix.join(posix.dirname(source.path), specifier));
    arrows.push({ node, specifier, target: specifier.startsWith(".") ? path : null });
  }
  return arrows;
}

/** An import of one of our own files. */
interface Inside {
  readonly node: SyntaxNode;
  readonly target: string;
}

/** Why a room may not import this target of another room; null where it may. */
function whyForbidden(source: Source, from: string, { node, target }: Inside): string | null {
  const to = roomOf(target);
  if (to === null) return `${target} is in no room of src`;
  if (target.startsWith("src/actors/bun/")) {
    const allowed = source.path === "src/main.ts" || source.path.startsWith("src/actors/bun/");
    if (!allowed) return "actors/bun is imported only by main.ts; use the port in actors";
  }
  if (from === to) return null;
  if (rankOf(from) >= rankOf(to)) return `${from} must not see ${to}: imports go downwards only`;
  if (to === "simulation") return "simulation is a test kit; no other room imports it";
  if (from === "machines" && to !== "leaves") return "machines import xstate and leaves only";
  if (from === "api" && to === "actors" && target !== "src/actors/node-handle") {
    return "api knows a node by actors/node-handle alone";
  }
  if (from === "client" && to !== "leaves") {
    const isType = node.importKind === "type" && target === "src/api/app";
    if (!isType) return "a client knows the leaves, and of the API its type alone";
  }
  if (from === "cli" && to !== "client" && to !== "leaves") {
    return "the command line asks a client";
  }
  if (from === "api" && (to === "machines" || to === "store")) {
    return `api must not see ${to}: ask the node handle`;
  }
  return null;
}

/** No arrow upwards, and none through a side door. */
export const importsGoDown: Rule = (source) => {
  if (!source.path.startsWith("src/")) return [];
  const from = roomOf(source.path);
  if (from === null) {
    return [{ path: source.path, line: 1, message: "is in no room: see architecture/imports.ts" }];
  }
  return importsOf(source).flatMap(({ node, target }) => {
    const reason = target === null ? null : whyForbidden(source, from, { node, target });
    return reason === null ? [] : [violationAt(source, node, reason)];
  });
};

/** Statecharts live in machines and actors; store, codec and api are event-sourced or thin. */
export const xstateStaysInItsRooms: Rule = (source) => {
  const room = roomOf(source.path);
  if (room === null || room === "machines" || room === "actors") return [];
  return importsOf(source)
    .filter(({ specifier }) => specifier === "xstate" || specifier.startsWith("xstate/"))
    .map(({ node }) => violationAt(source, node, "xstate is for machines and actors only"));
};

/** Files that import each other in a circle, one violation for each circle's first file. */
export function circlesAmong(sources: readonly Source[]) {
  const pathOf = new Map(sources.map(({ path }) => [withoutEnding(path), path]));
  const arrows = new Map(
    sources.map((source) => [withoutEnding(source.path), valueTargets(source)]),
  );
  const circles = new Map<string, string>();
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const circle = trail.slice(start);
      const first = [...circle].sort()[0] ?? path;
      circles.set(first, [...circle, path].join(" → "));
    } else if (!done.has(path)) {
      for (const target of arrows.get(path) ?? []) visit(target, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of arrows.keys()) visit(path, []);
  return [...circles].map(([target, circle]) => {
    const path = pathOf.get(target) ?? target;
    return { path, line: 1, message: `circle: ${circle}` };
  });
}

/** What a file imports at run time: types alone make no circle. */
const valueTargets = (source: Source) =>
  importsOf(source)
    .filter(({ node }) => node.importKind !== "type" && node.exportKind !== "type")
    .flatMap(({ target }) => target ?? []);
