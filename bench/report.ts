/**
 * What is made of the results: the file itself, plots, and the part of the README between marks.
 *
 *     bun run bench:report    makes plots and README anew from `bench/results/latest.json`
 */
import { join } from "node:path";
import { findScenarios } from "./find-scenarios";
import type { Facts, Results } from "./measurement";
import { drawn, type Plot } from "./plots";
import type { Scenario } from "./scenario";
import { scenarioTable } from "./tables";
import { measuredTargets, verdictTable } from "./verdict/verdict";

const README_FILE = join(import.meta.dir, "README.md");
const RESULTS_FOLDER = join(import.meta.dir, "results");
const RESULTS_FILE = join(RESULTS_FOLDER, "latest.json");
const OPENING = "<!-- results -->";
const CLOSING = "<!-- end of results -->";
const GIB = 1024 ** 3;

export const asJson = (results: Results) => `${JSON.stringify(results, null, 1)}\n`;

/** What was published last; nothing where nothing was. */
export async function latestResults(): Promise<Results> {
  const file = Bun.file(RESULTS_FILE);
  return (await file.exists()) ? await file.json() : {};
}

const plotFile = ({ name }: Scenario, { kind, metric }: Plot) => `${name}-${kind}-${metric}.svg`;

/** On what something was measured, in a sentence. */
export function factsInWords(facts: Facts): string {
  const { cores, fileSystem, isQuick, kernel, memoryBytes, processor, rounds, versions } = facts;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const memory = `${Math.round(memoryBytes / GIB)} GiB`;
  const machine = `${cores} cores (${processor}), ${memory}, ${fileSystem}`;
  const thoroughness = isQuick ? `, quickly: worth little` : `, ${rounds} rounds`;
  const day = facts.startedAt.slice(0, 10);
  return (
    `Measured ${day} at revision ${facts.revision}${thoroughness}; ${machine}, ` +
    `Linux ${kernel}; ${programs.join(", ")}.`
  );
}

/** For the terminal. */
export function report(results: Results, scenarios: readonly Scenario[]): string {
  const tables = scenarios.flatMap((scenario) => {
    const { measurements = [] } = results[scenario.name] ?? {};
    if (measurements.length === 0) return [];
    return [`\n${scenario.title}\n\n${scenarioTable(scenario, measurements)}`];
  });
  return [...tables, `\n${verdictTable(results, measuredTargets(results))}`].join("\n");
}

function section(scenario: Scenario, results: Results): readonly string[] {
  const { facts, measurements = [] } = results[scenario.name] ?? {};
  if (facts === undefined || measurements.length === 0) return [];
  const plots = scenario.plots.map(
    (plot) => `![${scenario.title}](results/${plotFile(scenario, plot)})`,
  );
  const parts = [
    `### ${scenario.title}`,
    scenario.about,
    ...plots,
    scenarioTable(scenario, measurements),
    `<sub>${factsInWords(facts)}</sub>`,
  ];
  return [parts.join("\n\n")];
}

/** The generated part of the README. */
export function resultsInMarkdown(results: Results, scenarios: readonly Scenario[]): string {
  const sections = scenarios.flatMap((scenario) => section(scenario, results));
  const isQuick = Object.values(results).some(({ facts }) => facts.isQuick);
  const caution = isQuick ? ["Quick rounds are among these results: they decide nothing."] : [];
  return ["### Targets", ...caution, verdictTable(results), ...sections].join("\n\n");
}

/** The page with another text between its marks. Errors: it has no marks. */
export function withResults(page: string, text: string): string {
  const start = page.indexOf(OPENING);
  const end = page.indexOf(CLOSING);
  if (start < 0 || end < start) throw new Error("the page has no place for results");
  return `${page.slice(0, start)}${OPENING}\n\n${text}\n\n${page.slice(end)}`;
}

/** Writes results, plots and README. */
export async function publish(results: Results, scenarios: readonly Scenario[]): Promise<void> {
  await Bun.write(RESULTS_FILE, asJson(results));
  for (const scenario of scenarios) {
    const { measurements = [] } = results[scenario.name] ?? {};
    if (measurements.length === 0) continue;
    for (const plot of scenario.plots) {
      const path = join(RESULTS_FOLDER, plotFile(scenario, plot));
      await Bun.write(path, drawn(scenario, measurements, plot));
    }
  }
  const page = await Bun.file(README_FILE).text();
  await Bun.write(README_FILE, withResults(page, resultsInMarkdown(results, scenarios)));
}

if (import.meta.main) await publish(await latestResults(), await findScenarios());
