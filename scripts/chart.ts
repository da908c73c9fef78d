/**
 * The generated parts of `src/machines/README.md`: a diagram and a table of each chart.
 *
 *     bun scripts/chart.ts            says whether they are up to date
 *     bun scripts/chart.ts --write    writes them
 */
import { join } from "node:path";
import type { AnyStateMachine } from "xstate";
import { charts } from "../src/machines/chart/charts";
import { drawChart } from "../src/machines/chart/mermaid";
import { tabulateChart } from "../src/machines/chart/table";

export const readmePath = join(import.meta.dir, "../src/machines/README.md");

const opening = (name: string) => `<!-- chart: ${name} -->`;
const CLOSING = "<!-- end of chart -->";

/** The page with every chart drawn anew between its marks. */
export function withCharts(page: string): string {
  return Object.entries(charts).reduce((text, [name, machine]) => {
    const start = text.indexOf(opening(name));
    const end = text.indexOf(CLOSING, start);
    if (start < 0 || end < 0) throw new Error(`the page has no place for the chart ${name}`);
    return text.slice(0, start) + sectionOf(name, machine) + text.slice(end);
  }, page);
}

function sectionOf(name: string, machine: AnyStateMachine): string {
  const diagram = ["```mermaid", drawChart(machine), "```"].join("\n");
  const summary = "<summary>Every transition</summary>";
  const table = ["<details>", summary, "", tabulateChart(machine), "", "</details>"].join("\n");
  return `${opening(name)}\n${diagram}\n\n${table}\n`;
}

if (import.meta.main) {
  const page = await Bun.file(readmePath).text();
  const drawn = withCharts(page);
  if (process.argv.includes("--write")) await Bun.write(readmePath, drawn);
  else if (page !== drawn) {
    console.error(`${readmePath} has drifted from the charts: npm run chart`);
    process.exitCode = 1;
  }
}
