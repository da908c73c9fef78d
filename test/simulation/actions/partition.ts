import type { Seeded } from "../../../src/simulation/seeded";
import { type NodeId, nodeId } from "../../../src/types";
import type { Run } from "../run";
import type { ActionKind } from "../scenario";

const shapes = ["isolateOne", "isolateLeader", "split", "bridge", "ring", "oneWay"] as const;
type Shape = (typeof shapes)[number];

interface Params {
  readonly shape: Shape;
  /** The nodes in a drawn order, from which the shape takes its parts. */
  readonly order: readonly number[];
  readonly ms: number;
}

/** Parts of the network cannot reach each other, in one of the ways that are known to hurt. */
export const partition: ActionKind<Params> = {
  name: "partition",
  group: "fault",
  draw: (random: Seeded, { setup }) => ({
    shape: random.pick(shapes),
    order: random.shuffled(Array.from({ length: setup.nodes }, (_, place) => place + 1)),
    ms: Math.round(random.exponential(random.pick([200, 1000, 4000]))),
  }),
  perform(run, { shape, order, ms }) {
    const ids = order.map(nodeId);
    run.cluster.network.heal();
    for (const [a, b] of cutsOf(run, shape, ids)) run.cluster.network.cut(a, b);
    run.later(ms, () => run.cluster.network.heal());
  },
};

type Cut = readonly [from: NodeId, to: NodeId];

function cutsOf(run: Run, shape: Shape, ids: readonly NodeId[]): readonly Cut[] {
  const [first, second] = ids;
  if (first === undefined || second === undefined) return [];
  const all = ids.flatMap((a) => ids.filter((b) => b !== a).map((b): Cut => [a, b]));
  const place = (id: NodeId) => ids.indexOf(id);
  const half = Math.ceil(ids.length / 2);
  switch (shape) {
    case "isolateOne":
      return all.filter((cut) => cut.includes(first));
    case "isolateLeader": {
      const leader = run.cluster.leader()?.id ?? first;
      return all.filter((cut) => cut.includes(leader));
    }
    case "split":
      return all.filter(([a, b]) => place(a) < half !== place(b) < half);
    case "bridge":
      // Two sides that only the first node can reach both of.
      return all.filter(
        ([a, b]) => a !== first && b !== first && place(a) <= half - 1 !== place(b) <= half - 1,
      );
    case "ring":
      return all.filter(([a, b]) => {
        const distance = Math.abs(place(a) - place(b));
        return distance !== 1 && distance !== ids.length - 1;
      });
    case "oneWay":
      return all.filter(([a]) => a === first);
  }
}
