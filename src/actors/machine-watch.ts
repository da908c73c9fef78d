/**
 * The port to whoever watches a node's machines. It is told of every step, with what the machine is
 * after it; whether that is anything new is for the watch to see, and cheaply: a leader steps some
 * ten thousand times a second and changes its state once a month.
 */
import type { SnapshotFrom } from "xstate";
import type { AcceptanceEvent, acceptanceMachine } from "../machines/acceptance.machine";
import type { compactionMachine } from "../machines/compaction.machine";
import type { CompactionEvent } from "../machines/compaction-vocabulary";
import type { ConnectionEvent, connectionMachine } from "../machines/connection.machine";
import type { raftMachine } from "../machines/raft/raft.machine";
import type { RaftEvent } from "../machines/raft/vocabulary";
import type { NodeId } from "../types";

/** What made a machine step. */
export type Cause<Event> = Event | "a timer" | "the start";

export type RaftSnapshot = SnapshotFrom<typeof raftMachine>;
type CompactionSnapshot = SnapshotFrom<typeof compactionMachine>;
type ConnectionSnapshot = SnapshotFrom<typeof connectionMachine>;
type AcceptanceSnapshot = SnapshotFrom<typeof acceptanceMachine>;

export interface MachineWatch {
  /**
   * Answers why, in words, where the chart has come into another state; null else. The leader's
   * replicators are its children: they are seen with it.
   */
  raft(snapshot: RaftSnapshot, cause: Cause<RaftEvent>): string | null;
  compaction(snapshot: CompactionSnapshot, cause: Cause<CompactionEvent>): void;
  /** The link on which we speak to `peer`. */
  connection(peer: NodeId, snapshot: ConnectionSnapshot, cause: Cause<ConnectionEvent>): void;
  /** The link on which we hear `peer`; whoever has not greeted us yet is not told of. */
  acceptance(peer: NodeId, snapshot: AcceptanceSnapshot, cause: Cause<AcceptanceEvent>): void;
}

/** Nobody watches. */
export const unwatched: MachineWatch = {
  raft: () => null,
  compaction() {},
  connection() {},
  acceptance() {},
};
