/**
 * One run of the simulator as data: how the cluster is made, and what is done to it when. A seed
 * draws a scenario once and for all before anything runs, so a scenario can be shrunk, read, and
 * kept as a regression.
 */
import type { RaftTiming } from "../../src/machines/raft/vocabulary";
import { NODES_MAX } from "../../src/simulation/cluster";
import type { NetworkFaults } from "../../src/simulation/network";
import type { Seeded } from "../../src/simulation/seeded";
import type { NodeId } from "../../src/types";
import type { Run } from "./run";

/** How a cluster of one scenario is made. */
export interface Setup {
  readonly nodes: number;
  readonly keys: readonly string[];
  readonly timing: RaftTiming;
  readonly network: NetworkFaults;
  /** Whether nodes talk over the production links, on byte streams. */
  readonly streams: boolean;
  /** Of a background sync. Units: ms. */
  readonly syncMsMean: number;
  readonly segmentBytesMax: number;
  /** Nodes keep the simulator's own settings where nothing is said. */
  readonly snapshots?: SnapshotSetup;
  /** Whether the nodes' bounds are so tight that they are met all the time. */
  readonly isCramped?: boolean;
  /** Whether answers are kept for retries no longer than a client may ask for them. */
  readonly isForgetful?: boolean;
  /** Whether operators change who takes part; nobody does where nothing is said. */
  readonly churn?: ChurnSetup;
  /** Names of the kinds of action that this scenario may use. */
  readonly kinds: readonly string[];
}

/** How a cluster grows and shrinks. */
export interface ChurnSetup {
  /** Between two wishes of operators, in the mean. Units: ms. */
  readonly pauseMs: number;
  /** No operator wants fewer. */
  readonly votersMin: number;
}

/** When snapshots are taken, and in what pieces they are written and sent. */
export interface SnapshotSetup {
  readonly entries: number;
  readonly intervalMs: number;
  readonly logBytesMin: number;
  readonly blockBytes: number;
  readonly chunkBytes: number;
  readonly chunksMax: number;
}

/** Something done at a moment; `id` names it for other actions. */
export interface Action {
  readonly id: number;
  readonly atMs: number;
  readonly kind: string;
  readonly params: object;
}

export interface Scenario {
  readonly seed: string;
  readonly setup: Setup;
  readonly durationMs: number;
  readonly actions: readonly Action[];
  /** Who is healed for the liveness phase; the others stay as they are. */
  readonly core: readonly NodeId[];
}

/** What an action's parameters are drawn from. */
export interface Plan {
  readonly setup: Setup;
  /** Of the action being drawn. */
  readonly id: number;
}

/** A kind of thing that may be done: a fault, or a client's wish. One small file each. */
export interface ActionKind<Params extends object = object> {
  readonly name: string;
  readonly group: "fault" | "command" | "churn";
  draw(random: Seeded, plan: Plan): Params;
  perform(run: Run, params: Params, id: number): void;
}

/** A node by number, or whoever leads at that moment. See `Run.target`. */
export type Target = number | "leader";

/** Where nodes come and go, nobody knows yet how many there will be. */
export const drawTarget = (random: Seeded, { setup }: Plan): Target =>
  random.chance(0.3) ? "leader" : random.whole(1, setup.churn ? NODES_MAX : setup.nodes);
