/** Every package we lean on is declared, and a person can read why. */
import { importsOf } from "./imports";
import { type Source, type Violation, violationAt } from "./source";

/** The part of package.json that matters here. */
export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** `@scope/name/sub` → `@scope/name`; null for what the runtime itself brings. */
function packageOf(specifier: string): string | null {
  if (specifier === "bun" || /^(node|bun):/.test(specifier)) return null;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** One line each in CONTRIBUTING.md: "- `name`: why". */
export function undocumentedDependencies(
  manifest: Manifest,
  contributing: string,
): readonly Violation[] {
  const documented = new Set(
    [...contributing.matchAll(/^- `([^`]+)`: \S/gm)].map((match) => match[1] ?? ""),
  );
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  return names
    .filter((name) => !documented.has(name))
    .map((name) => ({
      path: "CONTRIBUTING.md",
      line: 1,
      message: `add a line "- \`${name}\`: why it is there"`,
    }));
}

/** What `src` imports must be there without the development dependencies. */
export function undeclaredImports(source: Source, manifest: Manifest): readonly Violation[] {
  if (!source.path.startsWith("src/")) return [];
  return importsOf(source).flatMap(({ node, specifier, target }) => {
    const name = target === null ? packageOf(specifier) : null;
    return name === null || name in manifest.dependencies
      ? []
      : [violationAt(source, node, `${name} is not among the dependencies of package.json`)];
  });
}
