import { nodeId } from "../../../src/types";
import type { Run } from "../run";
import { type ActionKind, drawTarget, type Target } from "../scenario";
import { takeSnapshot } from "./snapshot";

/** How often it is looked at whether the node lags far enough. Units: ms. */
const LOOK_MS = 50;

interface Params {
  readonly node: Target;
  readonly how: "isDown" | "isCutOff";
  /** Whether clients have the leader take snapshots all the while. */
  readonly isHurried: boolean;
  readonly msMax: number;
}

/** A node is away until the leader has cut off what it lacks: it must be sent a snapshot. */
export const behind: ActionKind<Params> = {
  name: "behind",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    how: random.pick(["isDown", "isCutOff"] as const),
    isHurried: random.chance(0.7),
    msMax: random.whole(500, 4000),
  }),
  perform(run, { node, how, isHurried, msMax }) {
    const victim = run.target(node);
    const { clock, network } = run.cluster;
    const untilMs = clock.nowMs + msMax;
    if (how === "isDown") victim.kill();
    else cutOff(run, victim.id);
    const look = () => {
      const leader = run.cluster.leader();
      const baseIndex = leader?.running?.log.baseIndex ?? 0;
      if (baseIndex > victim.witness.lastIndex || clock.nowMs >= untilMs) {
        if (how === "isDown") victim.boot();
        else network.heal();
        return;
      }
      if (isHurried && leader !== null) takeSnapshot(run, leader, LOOK_MS * 2);
      run.later(LOOK_MS, look);
    };
    run.later(LOOK_MS, look);
  },
};

function cutOff({ cluster }: Run, id: number): void {
  for (const other of cluster.nodes) {
    if (other.id === id) continue;
    cluster.network.cut(nodeId(id), other.id);
    cluster.network.cut(other.id, nodeId(id));
  }
}
