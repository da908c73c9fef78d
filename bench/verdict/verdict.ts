/** Every target, and whether it was met. */
import type { Results } from "../measurement";
import { markdownTable } from "../tables";
import { againstPeers } from "./against-peers";
import { Figures } from "./figures";
import { ofItsOwn } from "./of-its-own";
import { outcomeOf, type Target } from "./target";

export const TARGETS: readonly Target[] = [...againstPeers, ...ofItsOwn];

function inUnit(value: number, unit: Target["unit"]): string {
  if (unit === "times") return `${value.toFixed(2)}×`;
  return `${Math.round(value).toLocaleString("en-US")} ${unit}`;
}

/** Those about which the results have something to say. */
export function measuredTargets(results: Results): readonly Target[] {
  const figures = new Figures(results);
  return TARGETS.filter(({ measured }) => measured(figures) !== null);
}

/** One row for each target. */
export function verdictTable(results: Results, targets: readonly Target[] = TARGETS): string {
  const figures = new Figures(results);
  const rows = targets.map((target) => {
    const measured = target.measured(figures);
    const outcome = outcomeOf(target, measured);
    return [
      target.claim,
      outcome === "missed" && target.isGoal ? "missed (a goal)" : outcome,
      `${target.wanted} ${inUnit(target.limit, target.unit)}`,
      measured === null ? "–" : inUnit(measured, target.unit),
    ];
  });
  return markdownTable(["target", "", "wanted", "measured"], rows);
}
