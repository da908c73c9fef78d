/** The sentences one by one, from situations that are made up. */
import { describe, expect, test } from "bun:test";
import type { Reach } from "../../src/actors/peer-reach";
import type { Situation } from "../../src/actors/situation";
import type { RaftContext } from "../../src/machines/raft/vocabulary";
import type { ReplicatorContext } from "../../src/machines/replicator/vocabulary";
import type { Progress } from "../../src/observe/pulse";
import type { Evidence } from "../../src/observe/why/evidence";
import { BEHIND_ENTRIES_MIN } from "../../src/observe/why/followers";
import { CLOCK_TROUBLE_TOLD_MS, explain } from "../../src/observe/why/why";
import { logIndex, nodeId, term } from "../../src/types";
import { logOf, votersUpTo } from "../machines/raft-words";
import { evidence, leading } from "./evidence";
import { stillContext, stillSituation } from "./still-situation";

const standstill = (ms: Partial<Record<Progress, number>>) => ({
  standstillMs: (what: Progress) => ms[what] ?? 0,
});

const replicating = (state: string, matchIndex: number) => ({
  replicatorOf: () => {
    const context: ReplicatorContext = {
      peer: nodeId(2),
      window: stillContext.window,
      log: stillContext.log,
      nextIndex: logIndex(matchIndex + 1),
      matchIndex: logIndex(matchIndex),
      probedIndex: logIndex(0),
      inFlight: [],
      transfer: null,
    };
    return { state, context };
  },
});

describe("writes", () => {
  const disk = stillSituation().disk;
  const cases: Readonly<Record<string, readonly [Evidence, string]>> = {
    shutting_down: [
      evidence({ isStopping: true }),
      "this node is shutting down and takes no writes",
    ],
    queue_full: [
      evidence({ writes: { underWay: 8192, max: 8192 } }),
      "8192 writes are under way on this node: others wait for room",
    ],
    disk_full: [
      evidence({ disk: { ...disk, isFull: true } }, { state: "leader.serving" }),
      "the disk of this node is full to the last byte: sets are refused",
    ],
    no_leader: [
      evidence({ leaderId: null }, { state: "preCandidate" }),
      "nobody leads: writes wait for an election",
    ],
    no_quorum: [
      evidence({ ...leading([5, 5]), quorum: { voters: 3, needed: 2, reachable: 1 } }),
      "writes wait: 2 of 3 voters must hold a write, 1 reachable",
    ],
    transferring: [
      evidence(leading([5, 5]), { state: "leader.transferring" }),
      "the office is being handed over to node 3, for 3 s: writes wait",
    ],
    leaving: [
      evidence(leading([5, 5]), { state: "leader.leaving" }),
      "this node leads until its own removal is committed: writes wait for the next",
    ],
    not_durable: [
      evidence(
        {
          ...leading([5, 5], { commitIndex: logIndex(3) }),
          disk: { ...disk, durableIndex: logIndex(3) },
        },
        standstill({ commit: 2_000, durable: 2_000 }),
      ),
      "2 entries wait for 2 s: the disk of this node has made nothing durable meanwhile",
    ],
    not_committed: [
      evidence(
        leading([5, 5], { commitIndex: logIndex(4) }),
        standstill({ commit: 2_000, durable: 999 }),
      ),
      "1 entry waits for 2 s to be acknowledged by a majority",
    ],
    flowing: [
      evidence({ writes: { underWay: 3, max: 8192 } }),
      "writes flow to node 2, 3 under way",
    ],
  };
  for (const [code, [found, says]] of Object.entries(cases)) {
    test(code, () => {
      const { writes } = explain(found);
      expect([writes.code, writes.says, writes.ok]).toEqual([code, says, code === "flowing"]);
    });
  }

  test("wait for a leader that cannot be reached", () => {
    const [leader, ...rest] = stillSituation().peers;
    const gone = { state: "backoff", reason: "connection refused", isHeard: false };
    const link = leader?.link && { ...leader.link, ...gone };
    const peers = [{ ...leader, healthy: false, silenceMs: 14_000, link }, ...rest];
    const { summary, writes } = explain(evidence({ peers } as Partial<Situation>));
    const why = "node 2 unreachable for 14 s: connection refused";
    expect(writes).toMatchObject({ code: "no_leader", says: `writes wait for the leader: ${why}` });
    expect(summary).toBe(`node 2 was the last leader known, of term 3; ${why}`);
  });
});

describe("no leader", () => {
  const nobody = (change: Partial<RaftContext>, state = "follower.awaiting") =>
    explain(evidence({ leaderId: null, context: { ...stillContext, ...change } }, { state }))
      .summary;

  test("none was heard yet, and an election is near", () => {
    expect(nobody({})).toBe(
      "no leader: none is heard for 3 s: this node asks for an election soon",
    );
  });
  test("a node that has forgotten what it acknowledged gives no vote", () => {
    const forgotten = { upTo: logIndex(9), inTerm: term(3) };
    expect(nobody({ forgotten })).toBe(
      "no leader: none is heard, and this node gives no vote: its log ends before index 9, which " +
        "it may have acknowledged",
    );
  });
  test("a node without a vote can only listen", () => {
    const [, ...others] = votersUpTo(3).voters;
    const configuration = { ...votersUpTo(3), voters: others };
    const configurations = [{ index: logIndex(0), configuration }];
    expect(nobody({ configurations })).toBe(
      "no leader: none is heard, and this node has no vote in this cluster yet",
    );
  });
  test("an election that nobody grants says who has not", () => {
    const election = { granted: new Set([nodeId(1)]), transfer: false };
    expect(nobody({ election }, "preCandidate")).toBe(
      "no leader: this node asks whether it could win for 3 s, 1 of 2 votes needed; no vote from " +
        "nodes 2 and 3, which may hear a leader or hold a newer log",
    );
  });
});

describe("followers", () => {
  const codeOf = (found: Evidence) => {
    const [follower] = explain(found).followers;
    return [follower?.code, follower?.says];
  };

  test("far behind, and catching up", () => {
    const log = logOf(...Array.from({ length: BEHIND_ENTRIES_MIN + 5 }, () => 3));
    const far = leading([5, 5], { log });
    const says = `node 2 is ${BEHIND_ENTRIES_MIN} entries behind and catches up`;
    expect(codeOf(evidence(far, replicating("replicate", 5)))).toEqual(["behind", says]);
  });
  test("being asked where its log agrees", () => {
    const found = evidence(leading([0, 5]), replicating("probe.waiting", 3));
    const says = "node 2 is asked whether its log is ours up to index 3; up to 5 entries behind";
    expect(codeOf(found)).toEqual(["probing", says]);
  });
  test("it has forgotten what it acknowledged, and does not count yet", () => {
    const found = evidence(leading([0, 5]), {
      ...replicating("replicate", 4),
      ...standstill({ "match/2": 2_000 }),
    });
    const says =
      "node 2 answers, but does not count until it holds again what it may have acknowledged; " +
      "5 entries behind";
    expect(codeOf(found)).toEqual(["not_counted", says]);
  });
});

describe("half a link: a peer that is spoken to, and has no link to this node", () => {
  const deaf = "it is reached, but has no link to this node, so that nothing it says gets here";
  const peersWith = (change: Partial<Reach>) =>
    stillSituation().peers.map((peer) => {
      if (peer.id !== 2 || peer.link === null) return peer;
      return { ...peer, ...change, link: { ...peer.link, isHeard: false } };
    });

  test("is told by a leader, which hears none of its answers", () => {
    const peers = peersWith({ healthy: false, silenceMs: 9_000 });
    const { followers } = explain(evidence({ ...leading([5, 5]), peers }));
    expect(followers[0]).toMatchObject({ code: "silent", says: `node 2 silent for 9 s: ${deaf}` });
  });
  test("the other half: a leader that is heard is not called unreachable, but not reached", () => {
    const peers = stillSituation().peers.map((peer) => {
      const link = peer.link && {
        ...peer.link,
        state: "backoff" as const,
        reason: "no connection",
      };
      return { ...peer, link };
    });
    expect(explain(evidence({ peers })).writes).toMatchObject({
      code: "no_leader",
      says: "writes wait for the leader: node 2 is heard, but not reached: no connection",
    });
  });
  test("is told by a follower, which misses nothing yet", () => {
    const { facts, ok } = explain(evidence({ leaderId: nodeId(3), peers: peersWith({}) }));
    expect(ok).toBe(false);
    expect(facts.find(({ about }) => about === "peer/2")?.says).toEndWith(deaf);
    expect(facts.find(({ about }) => about === "peer/3")?.says).toBe("node 3 is reached");
  });
});

describe("the clock", () => {
  test("stood still once: that weighs less than what is wrong now", () => {
    const peers = stillSituation().peers.map((peer) => ({ ...peer, healthy: peer.id !== 3 }));
    const trouble = { kind: "stood still", byMs: 14_000, atMs: 50_000 } as const;
    const { facts, summary } = explain(evidence({ peers }, { clockTrouble: trouble }));
    expect(facts.filter(({ ok }) => !ok).map(({ about }) => about)).toContain("clock");
    expect(summary).toStartWith("node 3 ");
  });

  const clock = (kind: "stood still" | "was set", byMs: number, agoMs: number) =>
    explain(evidence({}, { clockTrouble: { kind, byMs, atMs: 60_000 - agoMs } })).facts.find(
      ({ about }) => about === "clock",
    );

  test("its trouble is told for a minute", () => {
    expect(clock("stood still", 14_000, 3_000)).toMatchObject({
      ok: false,
      says:
        "this node stood still for 14 s, until 3 s ago: its process was stopped, or its machine " +
        "had no time for it",
    });
    expect(clock("was set", 2_000, 3_000)?.says).toStartWith(
      "the wall clock of this node was set f",
    );
    expect(clock("stood still", 14_000, CLOCK_TROUBLE_TOLD_MS)?.ok).toBe(false);
    expect(clock("stood still", 14_000, CLOCK_TROUBLE_TOLD_MS + 1)?.ok).toBe(true);
  });
});

test("what is wrong comes first, the gravest before the rest", () => {
  const found = evidence({
    leaderId: null,
    unreadiness: "no leader is known",
    disk: { ...stillSituation().disk, hasRoom: false },
  });
  const { facts, ok } = explain(found);
  expect(ok).toBe(false);
  expect(facts.filter((fact) => !fact.ok).map(({ about }) => about)).toEqual([
    ...["leader", "writes", "ready", "disk"],
  ]);
  expect(facts.at(-1)?.ok).toBe(true);
});

test("a slow disk is told in the words of the log", () => {
  const { disk } = stillSituation();
  const factOf = (slowSyncMs: number | null) =>
    explain(evidence({ disk: { ...disk, slowSyncMs } })).facts.find(
      ({ about }) => about === "disk",
    );
  expect(factOf(21.4)).toMatchObject({ ok: false, says: "the disk is slow: syncs take 21 ms" });
  expect(factOf(null)).toMatchObject({ ok: true });
});
