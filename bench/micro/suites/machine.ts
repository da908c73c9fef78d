/** Steps of the Raft machine, as the data path takes them. */
import { encodeCommand } from "../../../src/codec/commands";
import type { AppendEntries } from "../../../src/messages";
import { logIndex, term } from "../../../src/types";
import type { MicroBenchmark } from "../micro-benchmark";
import { RaftNode } from "../raft-node";
import { entriesFrom, setCommand } from "../sample-data";

const STEPS = 200;
/** Fewer than a peer's window holds, so that every proposal is sent at once. */
const IN_FLIGHT = 50;
const BATCH = 64;

const command = encodeCommand(setCommand(1));

/** A leader whose own disk has everything; the peers have acknowledged its first entry only. */
function leaderWith(proposals: number): RaftNode {
  const leader = new RaftNode().lead();
  for (let at = 0; at < proposals; at++) leader.propose([command]);
  leader.written(1 + proposals);
  return leader;
}

const propose: MicroBenchmark = {
  name: "machine: a proposal, with two replicators",
  operations: IN_FLIGHT,
  prepare() {
    const leader = new RaftNode().lead();
    return () => {
      for (let at = 0; at < IN_FLIGHT; at++) leader.propose([command]);
    };
  },
};

const acknowledge: MicroBenchmark = {
  name: "machine: an acknowledgement that commits",
  operations: IN_FLIGHT,
  prepare() {
    const leader = leaderWith(IN_FLIGHT);
    return () => {
      for (let at = 0; at < IN_FLIGHT; at++) leader.acknowledge(2, at + 2);
      if (leader.commitIndex !== IN_FLIGHT + 1) throw new Error("it was not committed");
    };
  },
};

const wholeWrite = (size: number): MicroBenchmark => {
  const commands = Array.from({ length: size }, () => command);
  return {
    name: `machine: a batch of ${size}, from proposal to both acknowledgements`,
    operations: STEPS,
    prepare() {
      const leader = new RaftNode().lead();
      return () => {
        for (let at = 0; at < STEPS; at++) {
          const lastIndex = 1 + (at + 1) * size;
          leader.propose(commands);
          leader.written(lastIndex);
          leader.acknowledge(2, lastIndex);
          leader.acknowledge(3, lastIndex);
        }
      };
    },
  };
};

const entries = entriesFrom(1, STEPS);
const messages = entries.map(
  (entry, at): AppendEntries => ({
    type: "AppendEntries",
    term: term(1),
    prevLogIndex: logIndex(at),
    prevLogTerm: term(at === 0 ? 0 : 1),
    leaderCommit: logIndex(at),
    round: at,
    entries: [entry],
    confirmedAgeMs: null,
  }),
);
const follow: MicroBenchmark = {
  name: "machine: a follower's append, and its disk's word",
  operations: STEPS,
  prepare() {
    const follower = new RaftNode();
    return () => {
      for (const [at, message] of messages.entries()) {
        follower.receive(2, message);
        follower.written(at + 1);
      }
      if (follower.commitIndex !== STEPS - 1) throw new Error("it did not follow");
    };
  },
};

export default [propose, acknowledge, wholeWrite(1), wholeWrite(BATCH), follow];
