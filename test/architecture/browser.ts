/**
 * The dashboard's page is the one part of `src` that runs in a browser: nothing of it is imported
 * by the node, and it knows of the node only what the API's schemas say, as types. Within it,
 * `view` is pure, `live` listens and asks, `panels` draw.
 */
import { type ImportArrow, importsOf } from "./imports";
import { isReference } from "./purity";
import { type Rule, type Source, type Violation, violationAt, walk } from "./source";

export const PAGE = "src/api/dashboard/page/";

/** What may be bundled into the page. */
const PACKAGES = new Set([
  "preact",
  "preact/hooks",
  "@preact/signals",
  "uplot",
  "elkjs/lib/elk-api",
]);
/** Each folder of the page, and the ones it may look into besides itself. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  view: [],
  live: ["view"],
  panels: ["view", "live"],
  page: ["live", "panels"],
};
/** The one file that knows how the API words its answers. */
const ANSWERS = `${PAGE}answers`;
const SCHEMAS = new Set(["src/api/schemas", "src/api/inspection-schemas"]);

const NODE_NAMES = new Set(["Bun", "process", "Buffer", "require"]);
const BROWSER_NAMES = new Set([
  "Date",
  "EventSource",
  "crypto",
  "document",
  "fetch",
  "localStorage",
  "location",
  "performance",
  "requestAnimationFrame",
  "setInterval",
  "setTimeout",
  "window",
]);

const isType = ({ node }: ImportArrow) => node.importKind === "type" || node.exportKind === "type";

/** `view` of `…/page/view/ring`; `page` for what lies in the page's own folder. */
function folderOf(path: string): string {
  const [first = "", ...rest] = path.slice(PAGE.length).split("/");
  return rest.length > 0 ? first : "page";
}

/** Why a file of the page may not import this; null where it may. */
function whyForbidden(source: Source, arrow: ImportArrow): string | null {
  const folder = folderOf(source.path);
  const { specifier, target } = arrow;
  if (target === null) {
    if (isType(arrow)) return null;
    if (!PACKAGES.has(specifier)) return `${specifier} is not among the packages of the page`;
    return folder === "view" ? "view is pure: it imports types of packages alone" : null;
  }
  if (target === ANSWERS && isType(arrow)) return null;
  if (`${ANSWERS}.ts` === source.path && SCHEMAS.has(target) && isType(arrow)) return null;
  if (!target.startsWith(PAGE)) return "the page knows the API by the types in answers.ts alone";
  const to = folderOf(target);
  const mayLook = to === folder || FOLDERS[folder]?.includes(to) === true;
  return mayLook ? null : `${folder} must not see ${to}`;
}

function namesAmiss(source: Source): readonly Violation[] {
  const isPure = folderOf(source.path) === "view";
  return [...walk(source.program)].flatMap(({ node, parent }) => {
    const name = String(node.name);
    if (!isReference(node, parent)) return [];
    if (NODE_NAMES.has(name)) return [violationAt(source, node, `${name} is not in a browser`)];
    if (isPure && BROWSER_NAMES.has(name)) {
      return [violationAt(source, node, `${name} is impure: view takes it as an input`)];
    }
    return [];
  });
}

/** A page is of the browser, whole; and what is not the page leaves it alone. */
export const pageIsOfTheBrowser: Rule = (source) => {
  if (!source.path.startsWith("src/")) return [];
  const arrows = importsOf(source);
  if (!source.path.startsWith(PAGE)) {
    return arrows
      .filter(({ specifier, target }) => target?.startsWith(PAGE) || PACKAGES.has(specifier))
      .map(({ node }) => violationAt(source, node, "is for the page alone, which is bundled"));
  }
  const forbidden = arrows.flatMap((arrow) => {
    const reason = whyForbidden(source, arrow);
    return reason === null ? [] : [violationAt(source, arrow.node, reason)];
  });
  return [...forbidden, ...namesAmiss(source)];
};
