/** Every scenario there is, by the files in `scenarios/`. */
import { join } from "node:path";
import type { Scenario } from "./scenario";

/** In their order. Errors: a file without a scenario, or two of one name. */
export async function findScenarios(): Promise<readonly Scenario[]> {
  const folder = join(import.meta.dir, "scenarios");
  const paths = [...new Bun.Glob("*.ts").scanSync({ cwd: folder })];
  const scenarios = await Promise.all(
    paths.map(async (path) => {
      const module: { readonly default?: Scenario } = await import(join(folder, path));
      if (module.default === undefined) throw new Error(`${path} has no scenario as its default`);
      return module.default;
    }),
  );
  const names = new Set(scenarios.map(({ name }) => name));
  if (names.size < scenarios.length) throw new Error("two scenarios have one name");
  return scenarios.sort((left, right) => left.place - right.place);
}
