/** Raft §5.4, "Safety": who may be elected, and what may be committed. */
import { describe, expect, test } from "bun:test";
import { elect, MachineDriver } from "../machine-driver";
import {
  type At,
  accepted,
  applies,
  command,
  hardState,
  logOf,
  persists,
  preVote,
  preVoteReply,
  requestVote,
  requestVoteReply,
  sends,
  votersUpTo,
} from "../raft-words";

describe('§5.4.1 "the voter denies its vote if its own log is more up-to-date"', () => {
  /** Of a voter whose log ends at index 3 in term 2. */
  const candidates: readonly (readonly [why: string, last: At, isGranted: boolean])[] = [
    ["the same end", [3, 2], true],
    ["the same last term, a longer log", [4, 2], true],
    ["the same last term, a shorter log", [2, 2], false],
    ["a later last term, a longer log", [4, 3], true],
    ["a later last term, a shorter log (M05)", [1, 3], true],
    ["an earlier last term, a longer log (M05)", [9, 1], false],
    ["an empty log", [0, 0], false],
  ];
  for (const [why, last, isGranted] of candidates) {
    const word = isGranted ? "elects" : "denies";

    test(`§5.4.1 a follower ${word} a candidate with ${why}`, () => {
      const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 1, 2) });
      const answer = sends(2, requestVoteReply(4, isGranted));
      expect(node.receive(2, requestVote(4, last))).toEqual({
        state: "follower.awaiting",
        effects: isGranted ? [persists(4), persists(4, 2), answer] : [persists(4), answer],
      });
      expect(node.context.votedFor as number | null).toBe(isGranted ? 2 : null);
    });

    test(`§5.4.1 a pre-vote ${word} a candidate with ${why}`, () => {
      const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 1, 2) });
      expect(node.receive(2, preVote(4, last))).toEqual({
        state: "follower.awaiting",
        effects: [sends(2, preVoteReply(isGranted ? 4 : 3, isGranted))],
      });
    });
  }

  test("§5.4.1 what is not yet on disk counts too: the log is what was accepted", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 1) });
    elect(node);
    node.receive(2, requestVoteReply(5, false));
    expect(node.receive(3, requestVote(5, [2, 1])).effects).toEqual([
      sends(3, requestVoteReply(5, false)),
    ]);
  });
});

describe("§5.4.2 only entries of the leader's current term “are committed by counting”", () => {
  /** Leads term 4 with an entry of term 2 before its own. */
  const leader = () => {
    const node = new MachineDriver({
      hardState: hardState(3),
      log: logOf(1, 2),
      voters: votersUpTo(5),
    });
    elect(node);
    node.written(3);
    return node;
  };

  test("M14 an earlier term's entry is not committed, however many hold it (figure 8)", () => {
    const node = leader();
    for (const peer of [2, 3, 4, 5]) {
      expect(node.receive(peer, accepted({ term: 4, match: 2 })).effects).not.toContainEqual(
        applies(2),
      );
    }
    expect(node.context.commitIndex as number).toBe(0);
  });

  test("M14 it goes with the first entry of this term", () => {
    const node = leader();
    for (const peer of [2, 3, 4, 5]) node.receive(peer, accepted({ term: 4, match: 2 }));
    node.receive(2, accepted({ term: 4, match: 3 }));
    expect(node.context.commitIndex as number).toBe(0);
    expect(node.receive(3, accepted({ term: 4, match: 3 })).effects).toContainEqual(applies(3));
  });

  test("M14 nor by the leader's own disk, nor with a later proposal that few hold", () => {
    const node = leader();
    for (const peer of [2, 3]) node.receive(peer, accepted({ term: 4, match: 2 }));
    node.hear({ type: "client.proposed", commands: [command("a")] });
    expect(node.written(4)).toEqual({ state: "leader.serving", effects: [] });
    expect(node.receive(2, accepted({ term: 4, match: 4 })).effects).toEqual([]);
    expect(node.context.commitIndex as number).toBe(0);
  });
});
