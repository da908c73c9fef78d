import type { SimulatedCluster } from "../../src/simulation/cluster";
import type { SimulatedNode } from "../../src/simulation/node";
import type { ClusterObserver } from "../../src/simulation/observer";
import type { Fold } from "./fold";
import type { Freshness } from "./freshness";
import type { Ghost } from "./ghost";

/** What an invariant may look at. */
export interface World {
  readonly cluster: SimulatedCluster;
  readonly ghost: Ghost;
  readonly fold: Fold;
  readonly freshness: Freshness;
  /** Whether its disk has failed it, so that it may stop for a typed reason. */
  readonly mayStop: (node: SimulatedNode) => boolean;
  /** Whether its disk has lost what was durable: then it need not know any more what it knew. */
  readonly mayForget: (node: SimulatedNode) => boolean;
  /** Names under which a start after that would find a snapshot in which a bit has flipped. */
  readonly rottenOf: (
    node: SimulatedNode,
    after?: "a kill" | "a power loss",
  ) => ReadonlySet<string>;
}

/** Something that must be true after every event. */
export interface Invariant {
  /** As "I1 election safety". */
  readonly name: string;
  /** Watches from the first event on; `violate` ends the simulation. */
  watch(world: World, violate: (detail: string) => never): ClusterObserver;
}

/** The chart's present knowledge; a node that just acts is running. */
export function contextOf(node: SimulatedNode) {
  const { running } = node;
  if (running === null) throw new Error(`node ${node.id} does not run`);
  return running.actor.raft.context;
}
