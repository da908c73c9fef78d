/** Scenarios on disk: found by search, shrunk, kept for good. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scenario } from "./scenario";

const folder = join(import.meta.dir, "scenarios");

export interface ScenarioFile {
  /** What it once broke, in a sentence or two, for whoever reads it. */
  readonly story: string;
  /** The name of the invariant. */
  readonly invariant: string;
  /** The mutant that it was found with; null where it was the product itself. */
  readonly mutant: string | null;
  readonly scenario: Scenario;
}

export const scenarioFiles = (): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => join(folder, name));

export const readScenario = (path: string): ScenarioFile =>
  JSON.parse(readFileSync(path, "utf8")) as ScenarioFile;

/** Writes one action a line. The path. */
export function writeScenario(name: string, file: ScenarioFile): string {
  const { scenario, ...rest } = file;
  const { actions, ...world } = scenario;
  const path = join(folder, `${name}.json`);
  const told = JSON.stringify({ ...rest, scenario: { ...world, actions: [] } }, null, 2);
  const lines = actions.map((action) => `      ${JSON.stringify(action)}`).join(",\n");
  const text =
    actions.length > 0
      ? told.replace('"actions": []', () => `"actions": [\n${lines}\n    ]`)
      : told;
  writeFileSync(path, `${text}\n`);
  return path;
}
