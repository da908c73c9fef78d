/** A simulated cluster whose nodes are watched, as in production but for the journal. */
import { Recorder } from "../../src/observe/recorder";
import { startOf } from "../../src/observe/recovery-found";
import type { Transition } from "../../src/observe/transition";
import { TransitionRing } from "../../src/observe/transition-ring";
import { type Simulation, type SimulationOptions, simulate } from "../../src/simulation";
import type { NodeId } from "../../src/types";

export interface WatchedCluster {
  readonly sim: Simulation;
  /** Everything that any node told, in the order in which it happened. */
  readonly story: Transition[];
  /** Of the present life of each node. */
  readonly recorders: Map<NodeId, Recorder>;
}

export function watched(options: SimulationOptions): WatchedCluster {
  const story: Transition[] = [];
  const recorders = new Map<NodeId, Recorder>();
  const rings = new Map<NodeId, TransitionRing>();
  const sim = simulate({
    ...options,
    watch: (node, { clock, identity, recovered }) => {
      const ring = rings.get(node.id) ?? new TransitionRing();
      rings.set(node.id, ring);
      const recorder = new Recorder({
        node: node.id,
        recovery: { ...startOf(identity, recovered), lifeBefore: null },
        ring,
        nowMs: () => clock.nowMs(),
        wallMs: () => clock.wallMs(),
        onTransition: (transition) => story.push(transition),
      });
      recorders.set(node.id, recorder);
      return recorder;
    },
  });
  return { sim, story, recorders };
}

/** One line for a transition: "node 1 raft: candidate → leader.serving (won term 1 …)". */
export const lineOf = ({ event, from, machine, node, reason, to }: Transition): string =>
  `${node} ${machine}: ${from} -> ${to} [${event}] ${reason}`;
