/**
 * Why a leader may go on counting what a peer acknowledged before the peer's restart (I16).
 *
 * `matchIndex` outlives the peer's life, though the peer may come back with its tail cut off. Then
 * its log ends below its durable mark: it has `forgotten`, and until it holds as much as then it
 * votes for nobody. For elections that is as good as holding the entries, for whoever lacks them is
 * not elected by it either way: every majority still meets a voter that refuses.
 *
 *   leader 1   1 2 3 4 4   5 is acknowledged by 2, and not yet on the leader's own disk
 *   peer 2     1 2         restarts, may have acknowledged up to 5 in term 4
 *   peer 3     1 2 3       has heard nothing of term 4's entries
 */
import { describe, expect, test } from "bun:test";
import { defaultLimits } from "../../src/actors/limits";
import { raftInput } from "../../src/actors/raft-input";
import type { Forgotten } from "../../src/machines/raft/vocabulary";
import type { OpenedStore } from "../../src/store/open-store";
import { clusterId, diskId, incarnation, logIndex, nodeId, term } from "../../src/types";
import { roomy, SEGMENT } from "../store/damaged-log";
import { founders, StoreRig } from "../store/store-rig";
import { elect, MachineDriver, timing } from "./machine-driver";
import {
  accepted,
  appendEntries,
  appendEntriesRange,
  applies,
  clearsForgotten,
  command,
  entriesFrom,
  hardState,
  logOf,
  opensRound,
  persists,
  preVote,
  preVoteReply,
  rejected,
  requestVote,
  requestVoteReply,
  sends,
} from "./raft-words";

const identity = {
  nodeId: nodeId(1),
  clusterId: clusterId("c"),
  diskId: diskId("d"),
  incarnation: incarnation(1),
  restoredFrom: null,
  listen: null,
  configured: null,
  founders,
};
const secondLife = { life: 2 };

function leaderWithAnAcknowledgement(): MachineDriver {
  const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 2, 3) });
  node.meet(2, { last: [3, 3] });
  elect(node);
  node.hear({ type: "client.proposed", commands: [command("a")] });
  expect(node.receive(2, accepted({ term: 4, match: 5 })).effects).toEqual([]);
  node.lose(2);
  node.meet(2, { ...secondLife, last: [2, 2] });
  return node;
}

/** What the store finds: an end at 2, below the mark at 5. */
function restartedPeer(
  forgotten: Forgotten | null = { upTo: logIndex(5), inTerm: term(4) },
): MachineDriver {
  return new MachineDriver({ id: 2, hardState: hardState(4, 1), log: logOf(1, 2), forgotten });
}

const lacking = [3, 3] as const;

describe("I16 a peer restarts with its tail cut off", () => {
  test("the leader commits by what it had acknowledged", () => {
    const leader = leaderWithAnAcknowledgement();
    expect(leader.written(5).effects).toEqual([applies(5)]);
  });

  test("it elects nobody who lacks that, nor anybody else", () => {
    const peer = restartedPeer();
    expect(peer.receive(3, preVote(5, lacking)).effects).toEqual([
      sends(3, preVoteReply(4, false)),
    ]);
    expect(peer.receive(3, requestVote(5, lacking, { transfer: true })).effects).toEqual([
      persists(5),
      sends(3, requestVoteReply(5, false)),
    ]);
    expect(peer.receive(1, requestVote(6, [5, 4], { transfer: true })).effects).toEqual([
      persists(6),
      sends(1, requestVoteReply(6, false)),
    ]);
    expect(peer.elapse(20 * timing.electionTimeoutMs).effects).toEqual([]);
  });

  test("did it not know that it has forgotten, what is committed would be lost", () => {
    const peer = restartedPeer(null);
    expect(peer.receive(3, requestVote(5, lacking)).effects).toContainEqual(
      sends(3, requestVoteReply(5, true)),
    );
  });

  test("led back behind what it had acknowledged, it counts again with all of it only", () => {
    const leader = leaderWithAnAcknowledgement();
    const peer = restartedPeer();
    const matchOf2 = () => leader.context.leadership?.matchIndex.get(peer.context.id) as number;

    // The leader probes where it believes the logs to agree.
    const empty = appendEntriesRange({ term: 4, prev: [5, 4], round: 1 });
    expect(leader.elapse(timing.heartbeatIntervalMs).effects).toEqual([
      opensRound(1),
      sends(2, empty),
      sends(3, appendEntriesRange({ term: 4, prev: lacking, range: [4, 5], round: 1 })),
    ]);
    const refusal = rejected({ term: 4, prev: 5, conflict: [3, null], round: 1 });
    expect(peer.receive(1, appendEntries({ term: 4, prev: [5, 4], round: 1 })).effects).toEqual([
      sends(1, refusal),
    ]);
    expect(leader.receive(2, refusal, secondLife).effects).toEqual([
      sends(2, appendEntriesRange({ term: 4, prev: [2, 2], range: [3, 5], round: 1 })),
    ]);

    // The peer's disk takes them in parts; the first do not count yet.
    const entries = entriesFrom(3, 3, 4, 4);
    peer.receive(1, appendEntries({ term: 4, prev: [2, 2], entries, round: 1 }));
    const partly = accepted({ term: 4, match: 4, round: 1, counts: false });
    expect(peer.written(4).effects).toEqual([sends(1, partly)]);
    leader.receive(2, partly, secondLife);
    expect(matchOf2()).toBe(5);

    const whole = accepted({ term: 4, match: 5, round: 1 });
    expect(peer.written(5).effects).toEqual([clearsForgotten, sends(1, whole)]);
    expect(peer.context.forgotten).toBeNull();
    leader.receive(2, whole, secondLife);
    expect(matchOf2()).toBe(5);
    expect(leader.written(5).effects).toEqual([applies(5)]);
  });

  test("what comes late from its earlier life changes nothing", () => {
    const leader = leaderWithAnAcknowledgement();
    leader.hear({ type: "client.proposed", commands: [command("b")] });
    leader.written(6);
    const late = accepted({ term: 4, match: 6 });
    expect(leader.receive(2, late)).toEqual({ state: "leader.serving", effects: [] });
    expect(leader.context.commitIndex as number).toBe(5);
  });
});

describe("from the cut tail on its disk to the vote it may give again", () => {
  /** Eight entries and a mark at the last of them; a restart then finds but six. */
  function cutShort() {
    const rig = new StoreRig(roomy);
    const opened = rig.open();
    rig.vote(opened, 2);
    for (let batch = 0; batch < 4; batch++) rig.append(opened, 2);
    rig.close(opened);
    rig.isDamaged = true;
    rig.disk.cut(SEGMENT, 702);
    const again = rig.open();
    return { rig, store: again, node: startOn(again) };
  }

  function startOn({ recovered }: OpenedStore): MachineDriver {
    const { forgotten, hardState, log } = raftInput({
      identity,
      peerAddress: null,
      limits: defaultLimits,
      recovered,
      timing,
    });
    return new MachineDriver({ forgotten, hardState, log });
  }

  test("it says how far it is, asks not to be counted, and votes for nobody", () => {
    const { node } = cutShort();
    node.receive(2, appendEntries({ term: 1, prev: [6, 1], entries: entriesFrom(7, 1) }));
    expect(node.written(7).effects).toEqual([
      sends(2, accepted({ term: 1, match: 7, counts: false })),
    ]);
    node.elapse(timing.electionTimeoutMs);
    expect(node.receive(3, preVote(2, [9, 1])).effects).toEqual([sends(3, preVoteReply(1, false))]);
  });

  test("once it has caught up it counts, and after the next restart too", () => {
    const { node, rig, store } = cutShort();
    // A later leader's log is shorter than what was forgotten, and yet holds all that counts.
    node.receive(2, appendEntries({ term: 2, prev: [6, 1], entries: entriesFrom(7, 2) }));
    expect(startOn(store).context.forgotten).toEqual({ upTo: logIndex(8), inTerm: term(1) });
    expect(node.written(7).effects).toEqual([
      clearsForgotten,
      sends(2, accepted({ term: 2, match: 7 })),
    ]);
    store.store.clearForgotten();
    rig.close(store);
    expect(startOn(rig.open()).context.forgotten).toBeNull();
    node.elapse(timing.electionTimeoutMs);
    expect(node.receive(3, preVote(3, [7, 2])).effects).toEqual([sends(3, preVoteReply(3, true))]);
  });
});
