/** The core takes time and chance as input, and does nothing by itself. */
import { importsOf } from "./imports";
import { type Rule, type SyntaxNode, violationAt, walk } from "./source";

const BANNED_NAMES = new Set([
  "Bun",
  "Date",
  "console",
  "crypto",
  "fetch",
  "fromPromise",
  "globalThis",
  "performance",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);
/** Everything else would be a hidden input. */
const ALLOWED_PACKAGES = /^xstate(\/|$)/;

/** A name that stands for itself, not a field of something else. */
export function isReference(node: SyntaxNode, parent: SyntaxNode | null): boolean {
  if (node.type !== "Identifier" || parent === null) return false;
  const isField = parent.property === node || parent.key === node;
  return !isField || parent.computed === true || parent.shorthand === true;
}

const isMathRandom = ({ type, object, property }: SyntaxNode) =>
  type === "MemberExpression" &&
  (object as SyntaxNode).name === "Math" &&
  ((property as SyntaxNode).name ?? (property as SyntaxNode).value) === "random";

/** What is impure about a node, or null. */
function impurity(node: SyntaxNode, parent: SyntaxNode | null): string | null {
  if (isReference(node, parent) && BANNED_NAMES.has(String(node.name))) return String(node.name);
  if (isMathRandom(node)) return "Math.random";
  if (node.type === "AwaitExpression" || node.await === true) return "await";
  if (node.async === true) return "async";
  return null;
}

/** Nothing under `machines` knows a clock, a socket, a file, chance or a promise. */
export const machinesArePure: Rule = (source) => {
  if (!source.path.startsWith("src/machines/")) return [];
  const outside = importsOf(source)
    .filter(({ specifier, target }) => target === null && !ALLOWED_PACKAGES.test(specifier))
    .map(({ node, specifier }) =>
      violationAt(source, node, `imports ${specifier}: machines know xstate and leaves only`),
    );
  const inside = [...walk(source.program)].flatMap(({ node, parent }) => {
    const name = impurity(node, parent);
    const advice = "make it an effect, or an input";
    return name === null ? [] : [violationAt(source, node, `${name} is impure: ${advice}`)];
  });
  return [...outside, ...inside];
};
