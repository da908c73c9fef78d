/**
 * The links' part of the liveness phase: all that should be open come to be, and stay so, and
 * nobody goes on believing in another.
 */
import type { SimulatedNode } from "../../src/simulation/node";
import { StreamNetwork } from "../../src/simulation/stream-network";
import type { NodeId } from "../../src/types";
import type { Run } from "./run";

/** An end that still believes in a dead link, then its patience, back-off and dial. Units: ms. */
const REOPENED_MS_MAX = 10_000;
/** Longer than any end of a link waits for a sign of life. Units: ms. */
const QUIET_MS = 7000;
const NAME = "L links";

/** Errors: `InvariantViolation`. */
export function demandLinks({ cluster }: Run, core: readonly SimulatedNode[]): void {
  const { network } = cluster;
  const pairs = core.flatMap((from) =>
    core.filter((to) => to !== from).map((to) => ({ from, to })),
  );
  const links = () => pairs.map(({ from, to }) => network.linkOf(from.id, to.id));
  const named = (isAtFault: (place: number) => boolean) =>
    pairs.filter((_, place) => isAtFault(place)).map(({ from, to }) => `${from.id}→${to.id}`);

  if (!cluster.runUntil(() => !links().includes(null), REOPENED_MS_MAX)) {
    const closed = links();
    cluster.violate(NAME, `not open: ${named((place) => closed[place] === null)}`);
  }
  // Where there are only messages, links have no patience that could run out.
  if (!(network instanceof StreamNetwork)) return;
  const before = links();
  cluster.run(QUIET_MS);
  const after = links();
  const lost = named((place) => after[place] !== before[place]);
  if (lost.length > 0) cluster.violate(NAME, `lost though nothing was wrong: ${lost}`);
  for (const { id } of core) {
    const { accepted, reached } = network.standingOf(id);
    const told = `node ${id} believes to reach ${reached}, and holds ${accepted} accepted links`;
    const isOfCore = (peer: NodeId) => core.some((node) => node.id === peer);
    if (!reached.every(isOfCore) || accepted !== core.length - 1) cluster.violate(NAME, told);
  }
}
