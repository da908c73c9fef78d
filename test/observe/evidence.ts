/** Situations that are made up, to be explained. */
import type { Situation } from "../../src/actors/situation";
import type { RaftContext } from "../../src/machines/raft/vocabulary";
import type { Evidence } from "../../src/observe/why/evidence";
import { logIndex, nodeId } from "../../src/types";
import { stillContext, stillSituation } from "./still-situation";

/** A follower to whom all is well, but for what is said here. */
export const evidence = (
  situation: Partial<Situation>,
  change: Partial<Evidence> = {},
): Evidence => ({
  situation: stillSituation(situation),
  state: "follower.leased",
  inStateMs: 3_000,
  lastElection: null,
  clockTrouble: null,
  replicatorOf: () => null,
  standstillMs: () => 0,
  ...change,
});

/** Node 1 as the leader, to whom nodes 2 and 3 have acknowledged so much. */
export function leading(matches: readonly [number, number], change: Partial<RaftContext> = {}) {
  const leadership = {
    firstIndex: logIndex(5),
    replicators: [nodeId(2), nodeId(3)],
    matchIndex: new Map(matches.map((match, at) => [nodeId(at + 2), logIndex(match)])),
    round: 1,
    answeredRound: new Map(),
    quorumRound: 0,
    waitingReads: [],
    heard: new Set<never>(),
    heardBefore: new Set<never>(),
    transferTo: nodeId(3),
    lastHandOver: null,
    sending: new Map(),
    ownDisk: null,
    catchUp: new Map(),
  };
  const context: RaftContext = { ...stillContext, leaderId: nodeId(1), leadership, ...change };
  return { context, leaderId: nodeId(1), role: "Leader" } as const;
}
