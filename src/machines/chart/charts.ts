/** Every chart of the house by its name. */
import type { AnyStateMachine } from "xstate";
import { acceptanceMachine } from "../acceptance.machine";
import { compactionMachine } from "../compaction.machine";
import { connectionMachine } from "../connection.machine";
import { metronomeMachine } from "../metronome.machine";
import { raftMachine } from "../raft/raft.machine";
import { replicatorMachine } from "../replicator.machine";

export const charts: Readonly<Record<string, AnyStateMachine>> = {
  raft: raftMachine,
  replicator: replicatorMachine,
  metronome: metronomeMachine,
  compaction: compactionMachine,
  connection: connectionMachine,
  acceptance: acceptanceMachine,
};
