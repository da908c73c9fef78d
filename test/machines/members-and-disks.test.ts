/**
 * Ours: a member is an id bound to the disk that remembers its promises. Whose word counts, who is
 * a stranger, and what is left to a node that nobody counts.
 */
import { describe, expect, test } from "bun:test";
import { takeOffice } from "../../src/machines/raft/rules/office";
import type { RaftMessage } from "../../src/messages";
import { type Configuration, diskId } from "../../src/types";
import { campaign, elect, MachineDriver, preCampaign, timing } from "./machine-driver";
import {
  accepted,
  appendEntries,
  appendEntriesRange,
  applies,
  diskOf,
  entriesFrom,
  entryAt,
  leavesOffice,
  persists,
  preVote,
  preVoteReply,
  rejected,
  requestVote,
  requestVoteReply,
  sends,
  timeoutNow,
  votersUpTo,
} from "./raft-words";

const unbound = votersUpTo(3, () => false);
const boundUpTo = (last: number) => votersUpTo(3, (id) => id <= last);
/** Under this greeting a member comes back whose disk was replaced. */
const wiped = { disk: diskId("replaced") };

/** A follower of node 2 in term 1, whose log binds `bound` in its only entry, not yet committed. */
function holding(bound: Configuration, id = 1): MachineDriver {
  const node = new MachineDriver({ id, voters: unbound });
  node.receive(2, appendEntries({ term: 1, prev: [0, 0], entries: [entryAt([1, 1], bound)] }));
  node.written(1);
  return node;
}
const commitBinding = (node: MachineDriver) =>
  node.receive(2, appendEntries({ term: 1, prev: [1, 1], commit: 1 }));

describe("a binding in the own log speaks against another disk, committed or not (M39)", () => {
  test("the pre-votes and votes of a replaced disk are not counted", () => {
    const node = holding(boundUpTo(3));
    preCampaign(node);
    expect(node.receive(3, preVoteReply(2, true), wiped).state).toBe("preCandidate");
    expect(node.receive(3, preVoteReply(2, true)).state).toBe("candidate");
    node.persisted(2, 1);
    expect(node.receive(3, requestVoteReply(2, true), wiped).state).toBe("candidate");
    expect(node.receive(3, requestVoteReply(2, true)).state).toBe("leader.serving");
  });

  test("nor are its acknowledgements", () => {
    const node = holding(boundUpTo(3));
    elect(node);
    node.written(2);
    expect(node.receive(3, accepted({ term: 2, match: 2 }), wiped).effects).toEqual([]);
    expect(node.context.leadership).toMatchObject({ heard: new Set(), matchIndex: new Map() });
    expect(node.receive(3, accepted({ term: 2, match: 2 })).effects).toEqual([applies(2)]);
  });

  test("whom it leaves unbound counts by any disk, as long as no binding is committed", () => {
    const node = holding(boundUpTo(2));
    campaign(node);
    node.persisted(2, 1);
    expect(node.receive(3, requestVoteReply(2, true), wiped).state).toBe("leader.serving");
  });

  test("and so does everyone once that entry is overwritten", () => {
    const node = holding(boundUpTo(3));
    node.receive(2, appendEntries({ term: 2, prev: [0, 0], entries: entriesFrom(1, 2) }));
    campaign(node);
    node.persisted(3, 1);
    expect(node.receive(3, requestVoteReply(3, true), wiped).state).toBe("leader.serving");
  });
});

describe("a disk that a committed binding contradicts is a stranger: it changes nothing", () => {
  const messages: readonly RaftMessage[] = [
    preVote(9, [9, 9]),
    preVoteReply(9, false),
    requestVote(9, [9, 9], { transfer: true }),
    requestVoteReply(9, false),
    appendEntries({ term: 9, prev: [1, 1], round: 1 }),
    accepted({ term: 9, match: 1 }),
    timeoutNow(9),
  ];
  for (const message of messages) {
    test(`${message.type} of a higher term`, () => {
      const node = holding(boundUpTo(3));
      commitBinding(node);
      node.elapse(timing.electionTimeoutMs);
      const before = node.context;
      expect(node.receive(3, message, wiped)).toEqual({ state: "follower.awaiting", effects: [] });
      expect(node.context).toEqual(before);
      // The member itself is heard.
      const { state, effects } = node.receive(3, message);
      expect(state !== "follower.awaiting" || effects.length > 0).toBe(true);
    });
  }

  test("a refusal of its does not lead replication back", () => {
    const node = holding(boundUpTo(3));
    commitBinding(node);
    elect(node);
    const refusal = rejected({ term: 2, prev: 1, conflict: [1, null] });
    expect(node.receive(3, refusal, wiped)).toEqual({ state: "leader.serving", effects: [] });
    expect(node.receive(3, refusal).effects).toEqual([
      sends(3, appendEntriesRange({ term: 2, prev: [0, 0], range: [1, 2], commit: 1 })),
    ]);
  });

  test("while that binding may still vanish it is heard, though not counted", () => {
    const node = holding(boundUpTo(3));
    expect(node.receive(3, requestVoteReply(9, false), wiped).effects).toEqual([persists(9)]);
  });
});

describe("a node that nobody counts takes no part in elections", () => {
  /** Node 3, in a cluster that has bound the other two. */
  const uncounted = () => {
    const node = holding(boundUpTo(2), 3);
    commitBinding(node);
    return node;
  };

  test("it does not campaign, not even when told to", () => {
    const node = uncounted();
    const silent = { state: "follower.awaiting", effects: [] };
    expect(node.elapse(20 * timing.electionTimeoutMs)).toEqual(silent);
    expect(node.receive(2, timeoutNow(1))).toEqual(silent);
  });

  test("it gives no vote and no pre-vote", () => {
    const node = uncounted();
    node.elapse(timing.electionTimeoutMs);
    expect(node.receive(2, preVote(2, [9, 9])).effects).toEqual([sends(2, preVoteReply(1, false))]);
    expect(node.receive(2, requestVote(2, [9, 9])).effects).toEqual([
      persists(2),
      sends(2, requestVoteReply(2, false)),
    ]);
  });

  test("nor any more once its binding was overwritten", () => {
    const node = uncounted();
    const binding = entryAt([2, 1], boundUpTo(3));
    node.receive(2, appendEntries({ term: 1, prev: [1, 1], entries: [binding], commit: 1 }));
    node.receive(1, appendEntries({ term: 2, prev: [1, 1], entries: entriesFrom(2, 2) }));
    node.elapse(timing.electionTimeoutMs);
    expect(node.receive(1, preVote(3, [9, 9])).effects).toEqual([sends(1, preVoteReply(2, false))]);
  });

  test("the same where it is bound by another disk than its own", () => {
    const others: Configuration = {
      voters: votersUpTo(3).voters.map((member) =>
        member.id === 3 ? { ...member, diskId: wiped.disk } : member,
      ),
    };
    const node = holding(others, 3);
    expect(node.elapse(20 * timing.electionTimeoutMs).effects).toEqual([]);
    expect(node.receive(2, preVote(2, [9, 9])).effects).toEqual([sends(2, preVoteReply(1, false))]);
  });

  test("it follows, and takes part as soon as its own binding is in its log", () => {
    const node = uncounted();
    node.elapse(timing.electionTimeoutMs);
    expect(node.receive(1, preVote(2, [2, 1])).effects).toEqual([sends(1, preVoteReply(1, false))]);
    const binding = entryAt([2, 1], boundUpTo(3));
    node.receive(2, appendEntries({ term: 1, prev: [1, 1], entries: [binding], commit: 1 }));
    expect(node.written(2).effects).toEqual([sends(2, accepted({ term: 1, match: 2 }))]);
    node.elapse(timing.electionTimeoutMs);
    expect(node.receive(1, preVote(2, [2, 1])).effects).toEqual([sends(1, preVoteReply(2, true))]);
    expect(elect(node).state).toBe("leader.serving");
  });

  test("before any binding is committed this is plain Raft, and it does", () => {
    const node = holding(boundUpTo(2), 3);
    node.elapse(timing.electionTimeoutMs);
    expect(node.receive(2, preVote(2, [1, 1])).effects).toEqual([sends(2, preVoteReply(2, true))]);
    expect(elect(node).state).toBe("leader.serving");
  });

  test("office is out of its reach: taking it would be a fault of the chart", () => {
    expect(() => takeOffice(uncounted().context)).toThrow("whom nobody counts cannot count itself");
  });
});

describe("answers that do not count keep no leader in office (Thesis §6.2)", () => {
  const leader = () => {
    const node = holding(boundUpTo(2));
    commitBinding(node);
    elect(node);
    return node;
  };
  const answerFrom = (node: MachineDriver, peer: number) =>
    node.receive(peer, accepted({ term: 2, match: 2 }));

  test("an unbound peer's alone: the leader could never commit anything", () => {
    const node = leader();
    answerFrom(node, 3);
    const { state, effects } = node.elapse(timing.electionTimeoutMs);
    expect(state).toBe("follower.awaiting");
    expect(effects.at(-1)).toEqual(leavesOffice);
  });

  test("a bound peer's do", () => {
    const node = leader();
    answerFrom(node, 2);
    expect(node.elapse(timing.electionTimeoutMs).state).toBe("leader.serving");
  });

  test("so do those of a bound peer that has forgotten: it is being caught up", () => {
    const node = leader();
    node.receive(2, accepted({ term: 2, match: 1, counts: false }));
    expect(node.elapse(timing.electionTimeoutMs).state).toBe("leader.serving");
    expect(node.context.commitIndex as number).toBe(1);
  });
});

describe("a voter that was bound and has not heard of it votes all the same (M61)", () => {
  /** Knows that nodes 2 and 3 are bound, committed; of its own binding it knows nothing. */
  const unaware = () => {
    const node = new MachineDriver({ id: 1, voters: unbound });
    const bound = votersUpTo(3, (id) => id > 1);
    node.receive(2, appendEntries({ term: 1, prev: [0, 0], entries: [entryAt([1, 1], bound)] }));
    node.written(1);
    node.receive(2, appendEntries({ term: 1, prev: [1, 1], commit: 1 }));
    node.elapse(timing.electionTimeoutMs);
    return node;
  };
  const last = [5, 1] as const;

  test("by the word of a candidate that knows it by its very disk", () => {
    const node = unaware();
    const known = { voterDisk: diskOf(1) };
    expect(node.receive(3, preVote(2, last, known)).effects).toEqual([
      sends(3, preVoteReply(2, true)),
    ]);
    expect(node.receive(3, requestVote(2, last, known)).effects).toEqual([
      persists(2),
      persists(2, 3),
      sends(3, requestVoteReply(2, true)),
    ]);
  });

  test("not for one that knows it by no disk, or by another", () => {
    for (const voterDisk of [null, diskId("before it was replaced")]) {
      const node = unaware();
      expect(node.receive(3, preVote(2, last, { voterDisk })).effects).toEqual([
        sends(3, preVoteReply(1, false)),
      ]);
    }
  });

  test("nor for a log that lacks what it holds itself", () => {
    const node = unaware();
    const known = { voterDisk: diskOf(1) };
    expect(node.receive(3, preVote(2, [0, 0], known)).effects).toEqual([
      sends(3, preVoteReply(1, false)),
    ]);
  });

  test("it does not campaign itself, for that needs no hurry", () => {
    const node = unaware();
    expect(node.elapse(5 * timing.electionTimeoutMs).state).toBe("follower.awaiting");
  });
});
