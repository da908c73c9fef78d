/** A leader whose own disk is full, and voters that have room (Thesis §3.10). */
import { describe, expect, test } from "bun:test";
import { HAND_OVER_REST_CHECKS, quorumHasRoom } from "../../src/machines/raft/rules/room";
import { nodeId } from "../../src/types";
import { campaign, elect, MachineDriver, preCampaign, timing } from "./machine-driver";
import {
  accepted,
  appendEntries,
  command,
  declinesProposals,
  hardState,
  leavesOffice,
  logOf,
  persists,
  preVote,
  preVoteReply,
  requestVote,
  requestVoteReply,
  sends,
  timeoutNow,
  votersUpTo,
} from "./raft-words";

const filled = (node: number) => ({ type: "disk.filled" as const, node: nodeId(node) });
const freed = (node: number) => ({ type: "disk.freed" as const, node: nodeId(node) });
const asked = (to: number | null) => ({
  type: "transfer.requested" as const,
  to: hardState(0, to).votedFor,
});
const CHECK_MS = timing.electionTimeoutMs;

/** TimeoutNow, among all else that a step may send. */
const handedTo = (effects: readonly { readonly type: string }[]) =>
  effects.flatMap((effect) => {
    const sent = effect as { to?: number; message?: { readonly type: string } };
    return sent.message?.type === "TimeoutNow" ? [sent.to] : [];
  });

/** Node 1 leads term 4 of so many, whose logs are all whole; `silent` have not answered it. */
function leader({ of = 3, silent = [] }: { of?: number; silent?: readonly number[] } = {}) {
  const voters = votersUpTo(of);
  const node = new MachineDriver({ voters, hardState: hardState(3), log: logOf(1, 2, 3) });
  for (let peer = 2; peer <= of; peer++) node.meet(peer, { last: [3, 3] });
  elect(node);
  node.written(4);
  answer(node, of, silent);
  return node;
}

/** Every peer answers, but those who are silent. */
function answer(node: MachineDriver, of = 3, silent: readonly number[] = []) {
  for (let peer = 2; peer <= of; peer++) {
    if (!silent.includes(peer)) node.receive(peer, accepted({ term: 4, match: 4 }));
  }
}

/** One check of the quorum goes by, before which all but the silent were heard. */
function check(node: MachineDriver, of = 3, silent: readonly number[] = []) {
  answer(node, of, silent);
  return node.elapse(CHECK_MS);
}

describe("a leader whose own disk is full", () => {
  test('§3.10 transfers its leadership to one that is "more suitable", with room', () => {
    expect(leader().hear(filled(1))).toEqual({
      state: "leader.transferring",
      effects: [sends(2, timeoutNow(4))],
    });
  });

  test("lets writes wait meanwhile, and is a follower like any other then", () => {
    const node = leader();
    node.hear(filled(1));
    const commands = [command("a")];
    expect(node.hear({ type: "client.proposed", commands })).toEqual({
      state: "leader.transferring",
      effects: [declinesProposals(commands)],
    });
    expect(node.receive(2, requestVote(5, [4, 4], { transfer: true }))).toEqual({
      state: "follower.awaiting",
      effects: [persists(5), leavesOffice, persists(5, 2), sends(2, requestVoteReply(5, true))],
    });
  });

  test("goes by who has room before who is furthest", () => {
    const node = leader({ of: 5 });
    node.hear(filled(2));
    expect(handedTo(node.hear(filled(1)).effects)).toEqual([3]);
  });

  test("leads on where two of three are full: the other could not do without it", () => {
    const node = leader();
    expect(node.hear(filled(2))).toEqual({ state: "leader.serving", effects: [] });
    expect(node.hear(filled(1))).toEqual({ state: "leader.serving", effects: [] });
    expect(check(node).state).toBe("leader.serving");
    node.hear(freed(2));
    expect(check(node).state).toBe("leader.transferring");
  });

  test("leads on where one of the others is not heard", () => {
    const node = leader({ silent: [3] });
    expect(node.hear(filled(1)).state).toBe("leader.serving");
    expect(check(node, 3, [3]).state).toBe("leader.serving");
    expect(check(node).state).toBe("leader.transferring");
  });

  test("hands over at once right behind a check of the quorum, when nobody is heard yet", () => {
    const node = leader();
    check(node);
    expect(node.context.leadership?.heard).toEqual(new Set());
    expect(node.hear(filled(1)).state).toBe("leader.transferring");
  });

  test("leads on where two checks have gone by since one of the others was heard", () => {
    const node = leader();
    check(node, 3, [3]);
    check(node, 3, [3]);
    expect(node.hear(filled(1)).state).toBe("leader.serving");
  });

  test("which nobody has heard from check to check steps down, as ever", () => {
    const node = leader();
    node.hear(filled(2));
    node.hear(filled(1));
    check(node);
    node.hear(freed(2));
    expect(node.elapse(CHECK_MS).state).toBe("follower.awaiting");
  });

  test("counts voters alone, and hands over to none but a voter", () => {
    const founded = votersUpTo(3);
    const [three] = founded.voters.slice(2);
    const learners = three ? [{ ...three, stays: true }] : [];
    const voters = { ...founded, voters: founded.voters.slice(0, 2), learners };
    const node = new MachineDriver({ voters, hardState: hardState(3), log: logOf(1, 2, 3) });
    for (const peer of [2, 3]) node.meet(peer, { last: [3, 3] });
    elect(node);
    node.written(4);
    answer(node);
    expect(node.hear(filled(1)).state).toBe("leader.serving");
  });

  test("alone, it leads on", () => {
    const node = new MachineDriver({ voters: votersUpTo(1), log: logOf(1) });
    node.persisted(1, 1);
    node.hear(filled(1));
    expect(node.elapse(3 * CHECK_MS).state).toBe("leader.serving");
  });

  test("whose peers fill up is no reason to hand over", () => {
    const node = leader();
    expect(node.hear(filled(3))).toEqual({ state: "leader.serving", effects: [] });
    expect(check(node).state).toBe("leader.serving");
  });

  test("which has room again before it could hand over stays", () => {
    const node = leader({ silent: [3] });
    node.hear(filled(1));
    node.hear(freed(1));
    expect(check(node).state).toBe("leader.serving");
  });
});

describe("a target that does not take over", () => {
  /** Handed over in vain to node 2, and serves again. */
  function inVain() {
    const node = leader();
    node.hear(filled(1));
    answer(node);
    expect(node.elapse(CHECK_MS).state).toBe("leader.serving");
    return node;
  }
  /** From its try until it tries again. */
  const checksUntilNext = (node: MachineDriver) => {
    let checks = 1;
    while (check(node).state === "leader.serving" && checks < 100) checks++;
    return checks;
  };

  test("is left in peace for a bounded rest, and then it is another's turn", () => {
    const node = inVain();
    expect(checksUntilNext(node)).toBe(HAND_OVER_REST_CHECKS);
    expect(node.context.leadership?.transferTo).toBe(nodeId(3));
  });

  test("is tried again where there is no other", () => {
    const node = inVain();
    checksUntilNext(node);
    check(node);
    expect(node.state).toBe("leader.serving");
    checksUntilNext(node);
    expect(node.context.leadership?.transferTo).toBe(nodeId(2));
  });

  test("is left in peace though the disk has room for a moment", () => {
    const node = inVain();
    node.hear(freed(1));
    answer(node);
    expect(node.hear(filled(1))).toEqual({ state: "leader.serving", effects: [] });
  });

  test("does not keep the leader from serving meanwhile", () => {
    const node = inVain();
    const { effects } = node.hear({ type: "client.proposed", commands: [command("a")] });
    expect(effects.map(({ type }) => type)).toContain("appendDrafts");
  });
});

describe("a disk that fills", () => {
  test("while the office is handed over, or left, is only noted", () => {
    const node = leader();
    node.hear(asked(3));
    expect(node.hear(filled(1))).toEqual({ state: "leader.transferring", effects: [] });
    expect(node.context.leadership?.transferTo).toBe(nodeId(3));
    expect([...node.context.fullDisks]).toEqual([nodeId(1)]);
  });

  test("is noted by a follower, and once", () => {
    const node = new MachineDriver({ log: logOf(1) });
    for (const event of [filled(2), filled(2), filled(3), freed(2)]) {
      expect(node.hear(event)).toEqual({ state: "follower.awaiting", effects: [] });
    }
    expect([...node.context.fullDisks]).toEqual([nodeId(3)]);
  });

  test("leaves a quorum with room until a majority is full", () => {
    const node = leader();
    node.hear(filled(2));
    expect(quorumHasRoom(node.context)).toBe(true);
    node.hear(filled(1));
    expect(quorumHasRoom(node.context)).toBe(false);
    node.hear(freed(2));
    expect(quorumHasRoom(node.context)).toBe(true);
  });

  test("is not held against one that tells a follower nothing any more", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 2, 3) });
    node.hear(filled(1));
    node.hear(filled(2));
    node.receive(2, appendEntries({ term: 3, prev: [3, 3] }));
    expect(quorumHasRoom(node.context)).toBe(false);
    node.receive(3, appendEntries({ term: 4, prev: [3, 3] }));
    expect(quorumHasRoom(node.context)).toBe(true);
  });

  test("of a voter makes it the last to be handed an office, but for one who is asked for", () => {
    const node = leader();
    node.hear(filled(2));
    expect(handedTo(node.hear(asked(null)).effects)).toEqual([3]);
    const other = leader();
    other.hear(filled(2));
    expect(handedTo(other.hear(asked(2)).effects)).toEqual([2]);
  });
});

describe("a follower whose disk is full", () => {
  const follower = () =>
    new MachineDriver({ hardState: hardState(3), log: logOf(1, 2, 3), seed: "full" });
  /** How long it waits, after the leader's last word, until it asks for an election. */
  const waitedMs = (node: MachineDriver) => {
    node.receive(2, appendEntries({ term: 3, prev: [3, 3] }));
    const beganMs = node.nowMs;
    preCampaign(node);
    return node.nowMs - beganMs;
  };

  test("waits an election timeout longer than one with room, so that others are first", () => {
    const roomy = waitedMs(follower());
    const full = follower();
    full.hear(filled(1));
    expect(roomy).toBeLessThan(2 * timing.electionTimeoutMs);
    expect(waitedMs(full)).toBe(roomy + timing.electionTimeoutMs);
  });

  test('asks and leads all the same where its log alone is "sufficiently up-to-date"', () => {
    const node = follower();
    node.hear(filled(1));
    preCampaign(node);
    expect(node.receive(2, preVote(4, [2, 2])).effects).toEqual([sends(2, preVoteReply(3, false))]);
    campaign(node);
    node.persisted(4, 1);
    expect(node.receive(2, requestVoteReply(4, true)).state).toBe("leader.serving");
  });
});
