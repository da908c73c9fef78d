import { RequestError } from "../../../src/errors";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { SnapshotInfo } from "../../../src/types";
import { demandAnswer } from "../answered-in-time";
import type { Run } from "../run";
import { type ActionKind, drawTarget, type Target } from "../scenario";
import { CLIENT_TIMEOUTS_MS } from "./write";

interface Params {
  readonly node: Target;
  readonly timeoutMs: number;
}

/** A client has a node take a snapshot. */
export const snapshot: ActionKind<Params> = {
  name: "snapshot",
  group: "command",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    timeoutMs: random.pick(CLIENT_TIMEOUTS_MS),
  }),
  perform(run, { node, timeoutMs }) {
    takeSnapshot(run, run.target(node), timeoutMs);
  },
};

/** What the node tells of holds all that it had applied when it was asked. */
export function takeSnapshot({ cluster }: Run, node: SimulatedNode, timeoutMs: number): void {
  const owed = node.running?.actor.appliedIndex ?? 0;
  let isAnswered = false;
  node.ask<SnapshotInfo | RequestError>(
    (end) => {
      isAnswered = true;
      if (typeof end === "string" || end instanceof RequestError || end.lastIndex >= owed) return;
      const told = `node ${node.id} had applied ${owed} and took a snapshot of ${end.lastIndex}`;
      cluster.violate("I13 a snapshot is the fold", told);
    },
    (actor, answer) => {
      demandAnswer(cluster, { node, timeoutMs, isAnswered: () => isAnswered });
      actor.handle.requestSnapshot(timeoutMs, answer);
    },
  );
}
