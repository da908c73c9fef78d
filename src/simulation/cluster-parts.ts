/** What the nodes of one simulated cluster share. */
import type { Clock } from "../actors/clock";
import type { NodeLimits } from "../actors/limits";
import type { LogFacts, LogLevel } from "../actors/logger";
import type { MachineWatch } from "../actors/machine-watch";
import type { CompactionSettings } from "../actors/snapshots/compaction";
import type { KvSnapshots } from "../actors/snapshots/kv-snapshots";
import type { Transport } from "../actors/transport";
import type { raftMachine } from "../machines/raft/raft.machine";
import type { RaftTiming } from "../machines/raft/vocabulary";
import type { IdempotencyLimits } from "../store/idempotency";
import type { StoreLimits } from "../store/limits";
import type { OpenedStore } from "../store/open-store";
import type { FileSystem, PatientLogStore } from "../store/ports";
import type { ClusterId, Configuration } from "../types";
import type { CommittedChain } from "./log-witness";
import type { SimulatedNetwork } from "./network";
import type { SimulatedNode } from "./node";
import type { Observers } from "./observer";
import type { Seeded } from "./seeded";
import type { VirtualClock } from "./virtual-clock";

/** How every node of a cluster is made. */
export interface NodeRecipe {
  readonly clusterId: ClusterId;
  readonly founders: Configuration;
  readonly timing: RaftTiming;
  readonly limits: NodeLimits;
  readonly storeLimits: Partial<StoreLimits>;
  readonly compaction: CompactionSettings;
  /** How long answers are kept for retries: less than in production, or nobody lives to see it. */
  readonly idempotencyLimits: IdempotencyLimits;
  /** Other rules, by name, for mutants. */
  readonly machine?: typeof raftMachine;
  /** Another log in front of the real one, for mutants. */
  readonly wrapLog?: (log: PatientLogStore, node: SimulatedNode) => PatientLogStore;
  /** Other snapshots in front of the real ones, for mutants. */
  readonly wrapSnapshots?: (snapshots: KvSnapshots, node: SimulatedNode) => KvSnapshots;
  /** Another way to the network, for mutants. */
  readonly wrapTransport?: (transport: Transport, node: SimulatedNode) => Transport;
  /** Another way to the disk, for mutants. */
  readonly wrapFiles?: (files: FileSystem, node: SimulatedNode) => FileSystem;
  /** Something else for what a start has found on the disk, for mutants. */
  readonly wrapOpened?: (opened: OpenedStore, node: SimulatedNode) => OpenedStore;
  /** Who watches a node's machines, in each of its lives anew. */
  readonly watch?: (
    node: SimulatedNode,
    found: Pick<OpenedStore, "identity" | "recovered"> & { readonly clock: Clock },
  ) => MachineWatch;
  /** What nodes tell people. */
  readonly onLogLine?: (
    node: SimulatedNode,
    level: LogLevel,
    message: string,
    facts: LogFacts,
  ) => void;
}

export interface ClusterParts {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly random: Seeded;
  readonly observers: Observers;
  readonly options: NodeRecipe;
  /** Of what any node has applied: see `LogWitness`. */
  readonly appliedChain: CommittedChain;
}
