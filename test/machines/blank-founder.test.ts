/**
 * Ours: a founder that holds nothing but what it was founded with. It may be one that lost its
 * disk, and a majority of such would found the cluster anew, with all that was committed gone.
 */
import { describe, expect, test } from "bun:test";
import { appendRun, shapeBehind } from "../../src/machines/log-shape";
import type { RaftEffect } from "../../src/machines/raft/vocabulary";
import type { OutgoingRaftMessage } from "../../src/messages";
import { nodeId, term } from "../../src/types";
import { campaign, MachineDriver, preCampaign } from "./machine-driver";
import {
  diskOf,
  hardState,
  logOf,
  persists,
  preVote,
  preVoteReply,
  requestVote,
  requestVoteReply,
  sends,
  snapshotAt,
  votersUpTo,
} from "./raft-words";

const unbound = votersUpTo(3, () => false);

describe("a blank founder speaks for the logs of all it has met", () => {
  const blank = () => {
    const node = new MachineDriver({ voters: unbound });
    node.meet(2, { last: [5, 2] });
    return node;
  };

  /** It knows no voter's disk. */
  const asksBoth = (message: OutgoingRaftMessage): RaftEffect[] =>
    [2, 3].map((to) => ({ type: "send", to: nodeId(to), message }));

  test("it elects nobody whose log is behind one of them", () => {
    const node = blank();
    expect(node.receive(3, preVote(3, [4, 2])).effects).toEqual([sends(3, preVoteReply(0, false))]);
    expect(node.receive(3, requestVote(3, [4, 2])).effects).toEqual([
      persists(3),
      sends(3, requestVoteReply(3, false)),
    ]);
  });

  test("it elects who is as far as all of them", () => {
    expect(blank().receive(3, preVote(3, [5, 2])).effects).toEqual([
      sends(3, preVoteReply(3, true)),
    ]);
    const alone = blank();
    alone.lose(2);
    expect(alone.receive(3, preVote(3, [4, 2])).effects).toEqual([sends(3, preVoteReply(3, true))]);
  });

  test("it elects whose log knows it by its disk, for then it has lost none", () => {
    const byThis = { voterDisk: diskOf(1) };
    const byAnother = { voterDisk: diskOf(9) };
    const denied = [sends(3, preVoteReply(0, false))];
    expect(blank().receive(3, preVote(3, [4, 2], byAnother)).effects).toEqual(denied);
    expect(blank().receive(3, preVote(3, [4, 2], byThis)).effects).toEqual([
      sends(3, preVoteReply(3, true)),
    ]);
    expect(blank().receive(3, requestVote(3, [4, 2], byThis)).effects).toEqual([
      persists(3),
      persists(3, 3),
      sends(3, requestVoteReply(3, true)),
    ]);
  });

  test("nor itself: it asks in vain until it has lost whoever is ahead", () => {
    const node = blank();
    expect(preCampaign(node)).toEqual({
      state: "preCandidate",
      effects: asksBoth(preVote(1, [0, 0])),
    });
    const undisturbed = { state: "preCandidate", effects: [] };
    expect(node.receive(3, preVoteReply(1, true))).toEqual(undisturbed);
    expect(node.context).toMatchObject({ currentTerm: 0, votedFor: null });
    expect(node.lose(2)).toEqual({
      state: "candidate",
      effects: [persists(1, 1), ...asksBoth(requestVote(1, [0, 0]))],
    });
  });

  test("nor when it meets one while it campaigns: its own vote does not count then", () => {
    const node = new MachineDriver({ voters: unbound });
    campaign(node);
    node.persisted(1, 1);
    node.meet(2, { last: [5, 2] });
    const waiting = { state: "candidate", effects: [] };
    expect(node.receive(3, requestVoteReply(1, true))).toEqual(waiting);
    expect(node.context).toMatchObject({ currentTerm: 1, votedFor: 1, leadership: null });
  });

  test("a founder that holds entries judges by its own log alone", () => {
    const node = new MachineDriver({ voters: unbound, hardState: hardState(1), log: logOf(1) });
    node.meet(2, { last: [5, 2] });
    expect(node.receive(3, preVote(3, [1, 1])).effects).toEqual([sends(3, preVoteReply(3, true))]);
  });

  describe("founded from a backup it is as blank", () => {
    const backup = snapshotAt([1000, 1]);
    const restored = ({ log = shapeBehind(backup), voters = unbound } = {}) => {
      const node = new MachineDriver({ voters, hardState: hardState(1), snapshot: backup, log });
      node.meet(2, { last: [1005, 2] });
      return node;
    };
    const granted = [sends(3, preVoteReply(3, true))];
    const denied = [sends(3, preVoteReply(1, false))];

    test("it elects nobody whose log is behind one of them", () => {
      expect(restored().receive(3, preVote(3, [1000, 1])).effects).toEqual(denied);
      expect(restored().receive(3, preVote(3, [1004, 2])).effects).toEqual(denied);
      expect(restored().receive(3, preVote(3, [1005, 2])).effects).toEqual(granted);
    });

    test("with those it was founded with it elects whom plain Raft would", () => {
      const node = restored();
      node.lose(2);
      node.meet(2, { last: [1000, 1] });
      expect(node.receive(3, preVote(3, [1000, 1])).effects).toEqual(granted);
    });

    test("no more once it holds an entry, or knows its founders by their disks", () => {
      const log = appendRun(shapeBehind(backup), { term: term(1), byteLengths: [10] });
      expect(restored({ log }).receive(3, preVote(3, [1001, 1])).effects).toEqual(granted);
      expect(restored({ voters: votersUpTo(3) }).receive(3, preVote(3, [1000, 1])).effects).toEqual(
        granted,
      );
    });
  });
});
