/**
 * Every way out of `leader`, with acknowledgements pending and replicators alive. Speaking to a
 * child that has just stopped would kill the node, so each way is walked, and then hears the
 * answers that were on their way.
 */
import { describe, expect, test } from "bun:test";
import type { RaftEffect } from "../../src/machines/raft/vocabulary";
import type { RaftMessage } from "../../src/messages";
import { elect, MachineDriver, type Step, timing } from "./machine-driver";
import {
  accepted,
  appendEntries,
  appendEntriesRange,
  command,
  declinesProposals,
  declinesRead,
  hardState,
  leavesOffice,
  logOf,
  opensRound,
  persists,
  preVoteReply,
  rejected,
  requestVote,
  requestVoteReply,
  sends,
  timeoutNow,
} from "./raft-words";

const commands = [command("a")];

/**
 * Leads term 4; 2 is being replicated to, 3 still probed, entries 5 and 6 are on their way to 2, a
 * read waits for its round and nothing of its own term is durable here.
 */
function busyLeader(): MachineDriver {
  const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 2, 3) });
  node.meet(2);
  node.meet(3);
  elect(node);
  node.receive(2, accepted({ term: 4, match: 4 }));
  node.hear({ type: "client.proposed", commands });
  node.hear({ type: "client.proposed", commands });
  node.hear({ type: "client.readRequested", read: 7 });
  expect(node.replicators).toEqual(["replicator-2", "replicator-3"]);
  return node;
}

const following: Step = { state: "follower.awaiting", effects: [] };
const atOffice = [declinesRead(7), leavesOffice];

interface Way {
  readonly name: string;
  readonly take: (node: MachineDriver) => Step;
  readonly leads: Step;
}

const byMessage = (message: RaftMessage, after: Step = following): Way => ({
  name: `${message.type} of a higher term`,
  take: (node) => node.receive(2, message),
  leads: {
    state: after.state,
    effects: [persists(9), ...atOffice, ...after.effects],
  },
});
const follows = (state: string, ...effects: readonly RaftEffect[]): Step => ({ state, effects });
const ask = requestVote(10, [6, 4], { transfer: true });

const ways: readonly Way[] = [
  byMessage(preVoteReply(9, false)),
  byMessage(requestVoteReply(9, false)),
  byMessage(requestVoteReply(9, true)),
  byMessage(accepted({ term: 9, match: 5 })),
  byMessage(rejected({ term: 9, prev: 4, conflict: [1, null] })),
  byMessage(
    requestVote(9, [6, 4], { transfer: true }),
    follows("follower.awaiting", persists(9, 2), sends(2, requestVoteReply(9, true))),
  ),
  byMessage(
    appendEntries({ term: 9, prev: [3, 3] }),
    follows("follower.leased", sends(2, accepted({ term: 9, match: 3 }))),
  ),
  byMessage(timeoutNow(9), follows("candidate", persists(10, 1), sends(2, ask), sends(3, ask))),
  {
    name: "a quorum that is silent",
    take: (node) => {
      node.elapse(timing.electionTimeoutMs);
      const { effects } = node.elapse(timing.electionTimeoutMs);
      const kept = effects.filter(({ type }) => type !== "openRound" && type !== "send");
      return { state: node.state, effects: kept };
    },
    leads: { state: "follower.awaiting", effects: atOffice },
  },
];

/** What was on its way to the leader when it left: all of it comes in the very next steps. */
const late: readonly ((node: MachineDriver) => Step)[] = [
  (node) => node.receive(2, accepted({ term: 4, match: 6, round: 1 })),
  (node) => node.receive(3, rejected({ term: 4, prev: 3, conflict: [1, null], round: 1 })),
  (node) => node.receive(3, accepted({ term: 4, match: 4, round: 1 })),
  (node) => node.written(6),
  (node) => node.persisted(4, 1),
  (node) => node.lose(2),
  (node) => node.meet(2),
];

describe("leaving office", () => {
  for (const { name, take, leads } of ways) {
    test(`by ${name}: replicators stop, readers are told, and late answers do no harm`, () => {
      const node = busyLeader();
      expect(take(node)).toEqual(leads);
      expect(node.children).toEqual([]);
      expect(node.context.leadership).toBeNull();
      const { currentTerm, commitIndex } = node.context;
      for (const hear of late) {
        const { state, effects } = hear(node);
        expect(state).toBe(leads.state);
        // Only a new leader's follower has something to say: to that leader, of its disk.
        expect(effects.every((effect) => effect.type === "send" && effect.to === 2)).toBe(true);
      }
      expect(node.context).toMatchObject({ currentTerm, commitIndex });
    });

    test(`by ${name}: what comes next is declined, and it can be elected again`, () => {
      const node = busyLeader();
      take(node);
      expect(node.hear({ type: "client.proposed", commands }).effects).toEqual([
        declinesProposals(commands),
      ]);
      expect(node.hear({ type: "client.readRequested", read: 8 }).effects).toEqual([
        declinesRead(8),
      ]);
      node.elapse(2 * timing.electionTimeoutMs);
      while (node.state !== "preCandidate") node.timeOut();
      node.receive(2, preVoteReply(node.context.currentTerm + 1, true));
      const { currentTerm } = node.context;
      node.persisted(currentTerm, 1);
      expect(node.receive(3, requestVoteReply(currentTerm, true)).state).toBe("leader.serving");
      expect(node.replicators).toEqual(["replicator-2", "replicator-3"]);
      expect(node.context.leadership?.matchIndex.size).toBe(0);
    });
  }

  test("while it hands over: the transfer ends with the office", () => {
    const node = busyLeader();
    expect(node.hear({ type: "transfer.requested", to: hardState(0, 2).votedFor })).toEqual({
      state: "leader.transferring",
      effects: [],
    });
    expect(node.receive(3, requestVoteReply(9, false))).toEqual({
      state: "follower.awaiting",
      effects: [persists(9), ...atOffice],
    });
    expect(node.receive(2, accepted({ term: 4, match: 6 }))).toEqual(following);
  });
});

describe("in office", () => {
  test("a peer that is lost is probed again at the next heartbeat", () => {
    const node = busyLeader();
    expect(node.lose(2)).toEqual({ state: "leader.serving", effects: [] });
    expect(node.elapse(timing.heartbeatIntervalMs).effects).toEqual([
      opensRound(1),
      sends(2, appendEntriesRange({ term: 4, prev: [4, 4], range: [5, 6], round: 1 })),
      sends(3, appendEntriesRange({ term: 4, prev: [3, 3], range: [4, 6], round: 1 })),
    ]);
  });

  test("a peer that came back with less than it had acknowledged is caught up", () => {
    const node = busyLeader();
    node.lose(2);
    node.meet(2, { life: 2, last: [1, 1] });
    node.elapse(timing.heartbeatIntervalMs);
    const refusal = rejected({ term: 4, prev: 4, conflict: [2, null], round: 1 });
    expect(node.receive(2, refusal, { life: 2 }).effects).toEqual([
      sends(2, appendEntriesRange({ term: 4, prev: [1, 1], range: [2, 6], round: 1 })),
    ]);
  });
});
