/** `GET /v1/why` in the interface's words. */
import type { Observatory } from "../observe/observatory";

export function whyJson(observatory: Observatory): string {
  const { id, nowMs, wallMs, why } = observatory.why();
  const { facts, followers, lastElection, leader, ok, ready, summary, writes } = why;
  return JSON.stringify({
    node: id,
    monotonic_ms: Math.round(nowMs),
    wall_ms: wallMs,
    ok,
    summary,
    facts,
    leader: { id: leader.id, ok: leader.ok, says: leader.says, ...leader.quorum },
    ready: { ok: ready.ok, says: ready.says },
    writes: {
      ok: writes.ok,
      code: writes.code,
      says: writes.says,
      under_way: writes.underWay,
      limit: writes.limit,
    },
    last_election: lastElection && {
      term: lastElection.term,
      leader_id: lastElection.leaderId,
      says: lastElection.says,
      monotonic_ms: lastElection.monotonicMs,
      wall_ms: lastElection.wallMs,
    },
    followers: followers.map(({ behind, code, id: peer, matchIndex, ok: isOk, says }) => ({
      id: peer,
      ok: isOk,
      code,
      says,
      match_index: matchIndex,
      behind,
    })),
  });
}
