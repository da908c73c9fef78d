/**
 * What is made of the results: the file itself, the plots, and the parts of the README between marks.
 *
 *     bun run bench:report    makes plots and README anew from `bench/results/latest.json`
 */
import { join } from "node:path";
import { findScenarios } from "./find-scenarios";
import type { Results } from "./measurement";
import type { Scenario } from "./scenario";
import { scenarioTable } from "./tables";

const RESULTS_FILE = join(import.meta.dir, "results/latest.json");

export const asJson = (results: Results) => `${JSON.stringify(results, null, 1)}\n`;

/** What was published last; nothing where nothing was. */
export async function latestResults(): Promise<Results> {
  const file = Bun.file(RESULTS_FILE);
  return (await file.exists()) ? await file.json() : {};
}

/** For the terminal. */
export const report = (results: Results, scenarios: readonly Scenario[]) =>
  scenarios
    .flatMap((scenario) => {
      const { measurements = [] } = results[scenario.name] ?? {};
      if (measurements.length === 0) return [];
      return [`\n${scenario.title}\n\n${scenarioTable(scenario, measurements)}`];
    })
    .join("\n");

/** Writes results, plots and README. */
export async function publish(results: Results, _scenarios: readonly Scenario[]): Promise<void> {
  await Bun.write(RESULTS_FILE, asJson(results));
}

if (import.meta.main) await publish(await latestResults(), await findScenarios());
