/** Results as Markdown tables, for the terminal and for the README. */
import { METRICS, type Measurement, PEER_NAMES, type PeerName } from "./measurement";
import { written, writtenRatio } from "./numbers";
import type { Column, Scenario } from "./scenario";
import { advantage, summarized, variantsIn } from "./summary";

/** How a peer is called in running text. */
export const PEER_TITLES: Readonly<Record<PeerName, string>> = {
  balsa: "Balsa",
  etcd: "etcd",
  redis: "Redis",
  floor: "the floor",
};

/** A Markdown table, its columns as wide as what is in them; from the third on to the right. */
export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [heads, ...rows];
  const widths = heads.map((_, at) => Math.max(3, ...lines.map((line) => (line[at] ?? "").length)));
  const isText = (at: number) => at < 2;
  const pad = (cell: string, at: number) =>
    isText(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  const lineOf = (cells: readonly string[]) => `| ${cells.map(pad).join(" | ")} |`;
  const rule = widths.map((width, at) =>
    isText(at) ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [lineOf(heads), `| ${rule.join(" | ")} |`, ...rows.map(lineOf)].join("\n");
}

function columnTitle({ metric, quantile }: Column): string {
  const { title } = METRICS[metric];
  if (quantile === 0.5) return title;
  return quantile === 1 ? `${title}, longest` : `${title}, p${quantile * 100}`;
}

/** One row for each variant and peer; the last column says how we compare with the others. */
export function scenarioTable(
  { axis, columns }: Pick<Scenario, "axis" | "columns">,
  measurements: readonly Measurement[],
): string {
  const peers = PEER_NAMES.filter((name) => measurements.some(({ peer }) => peer === name));
  const rows = variantsIn(measurements).flatMap((variant) =>
    peers.flatMap((peer) => {
      const cells = columns.map((column) => summarized(measurements, { variant, peer }, column));
      if (cells.every((cell) => cell === null)) return [];
      const [main] = columns;
      const ours = main && summarized(measurements, { variant, peer: "balsa" }, main);
      const ratio =
        main && peer !== "balsa" && advantage(main.metric, ours ?? null, cells[0] ?? null);
      return [
        [
          variant,
          PEER_TITLES[peer],
          ...cells.map((cell, at) => written(columns[at]?.metric ?? "errors", cell)),
          ...(peers.length > 1 ? [writtenRatio(ratio || null)] : []),
        ],
      ];
    }),
  );
  const heads = [axis, "", ...columns.map(columnTitle), ...(peers.length > 1 ? ["Balsa is"] : [])];
  return markdownTable(heads, rows);
}
