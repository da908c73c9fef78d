/** What XState keeps silent about, and what a chart can forget: walked over Raft's own charts. */
import { describe, expect, test } from "bun:test";
import { type AnyStateMachine, and, createMachine, not } from "xstate";
import { compactionMachine } from "../../src/machines/compaction.machine";
import type { CompactionEvent } from "../../src/machines/compaction-vocabulary";
import { metronomeMachine } from "../../src/machines/metronome.machine";
import { raftMachine } from "../../src/machines/raft/raft.machine";
import type { RaftEvent } from "../../src/machines/raft/vocabulary";
import { type ReplicatorEvent, replicatorMachine } from "../../src/machines/replicator.machine";
import { statesOf, unhandledEvents, unknownNames } from "./chart";
import { unknownActors, unknownGuardsWithin, unusedNames } from "./chart-names";

/** Every event of the union: a new one does not compile until it is listed here. */
const raftEvents = Object.keys({
  received: true,
  PreVote: true,
  PreVoteReply: true,
  RequestVote: true,
  RequestVoteReply: true,
  AppendEntries: true,
  AppendEntriesReply: true,
  InstallSnapshot: true,
  InstallSnapshotReply: true,
  TimeoutNow: true,
  "term.superseded": true,
  "peer.met": true,
  "peer.lost": true,
  "disk.filled": true,
  "disk.freed": true,
  "hardState.durable": true,
  "log.durable": true,
  "client.proposed": true,
  "client.readRequested": true,
  "transfer.requested": true,
  "heartbeat.due": true,
  "quorumCheck.due": true,
  "replicator.ready": true,
  "replicator.behind": true,
  "replicator.chunkReady": true,
  "replicator.snapshotDone": true,
  "member.changeRequested": true,
  "configuration.appended": true,
  "snapshot.published": true,
  "snapshot.loaded": true,
  "snapshot.failed": true,
} satisfies Record<RaftEvent["type"], true>);

const replicatorEvents = Object.keys({
  "log.grew": true,
  "log.compacted": true,
  "heartbeat.due": true,
  "round.opened": true,
  "reply.accepted": true,
  "reply.rejected": true,
  "snapshot.offered": true,
  "chunk.acknowledged": true,
  "link.lost": true,
} satisfies Record<ReplicatorEvent["type"], true>);

const compactionEvents = Object.keys({
  applied: true,
  "snapshot.requested": true,
  "snapshot.written": true,
  "snapshot.synced": true,
  "snapshot.published": true,
  "log.cut": true,
  "snapshot.installed": true,
  "room.lacking": true,
} satisfies Record<CompactionEvent["type"], true>);

const charts: readonly (readonly [string, AnyStateMachine, readonly string[]])[] = [
  ["raft", raftMachine, raftEvents],
  ["replicator", replicatorMachine, replicatorEvents],
  ["metronome", metronomeMachine, []],
  ["compaction", compactionMachine, compactionEvents],
];

describe.each(charts)("the %s chart", (_, machine, events) => {
  test("names only what it has", () => {
    expect(unknownNames(machine)).toEqual([]);
    expect(unknownGuardsWithin(machine)).toEqual([]);
    expect(unknownActors(machine)).toEqual([]);
  });
  test("has nothing it does not name", () => expect(unusedNames(machine)).toEqual([]));
  test("speaks of every event in every state", () => {
    expect(unhandledEvents(machine, events)).toEqual([]);
  });
});

describe("the Raft chart", () => {
  test("speaks of every message in each role itself, not only at its root", () => {
    const messages = raftEvents.filter((event) => /^[A-Z]/.test(event));
    expect(messages).toHaveLength(9);
    for (const role of Object.values(raftMachine.root.states)) {
      for (const message of messages) {
        expect(`${role.key}: ${Object.keys(role.config.on ?? {}).includes(message)}`).toBe(
          `${role.key}: true`,
        );
      }
    }
  });

  test("arms a timer only under a delay's name", () => {
    const delays = [...statesOf(raftMachine.root)].flatMap((node) =>
      Object.keys(node.config.after ?? {}),
    );
    expect(new Set(delays)).toEqual(new Set(Object.keys(raftMachine.implementations.delays)));
  });
});

/** One mistake of each kind that only these walks find. */
const careless = createMachine(
  {
    id: "careless",
    initial: "first",
    states: { first: { on: { go: { guard: "isBoth", actions: "used" }, stop: {} } } },
  },
  {
    actions: { used: () => {}, forgotten: () => {} },
    guards: {
      isBoth: and(["isThere", not("isMissing")]),
      isThere: () => true,
      isUnasked: () => true,
    },
    delays: { never: 1 },
  },
);

describe("the walk over names", () => {
  test("finds what nobody uses, but counts what a composed guard asks", () => {
    expect(unusedNames(careless)).toEqual(["action forgotten", "guard isUnasked", "delay never"]);
  });
  test("finds an unknown name inside a composed guard", () => {
    expect(unknownGuardsWithin(careless)).toEqual(["isBoth: unknown guard isMissing"]);
  });
  test("finds an invoked actor that there is not", () => {
    const lonely = createMachine({ id: "lonely", invoke: { id: "friend", src: "imagined" } });
    expect(unknownActors(lonely)).toEqual(["lonely: friend is an unknown imagined"]);
  });
  test("is not needed for targets: an unknown one throws at once", () => {
    expect(() =>
      createMachine({ initial: "here", states: { here: { on: { go: "nowhere" } } } }),
    ).toThrow("nowhere");
  });
});
