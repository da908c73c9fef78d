/** How many messages go from a node to each peer, from two looks at its counters. */
import type { Live, LivePeer } from "../answers";

/** What the flow is about: a vote is rare, and tells more than the heartbeats around it. */
export type FlowKind = "votes" | "snapshot" | "append" | "quiet";

export interface Flow {
  readonly from: number;
  readonly to: number;
  readonly kind: FlowKind;
  /** Messages of every kind. */
  readonly perSecond: number;
  readonly bytesPerSecond: number;
}

const VOTES = ["PreVote", "PreVoteReply", "RequestVote", "RequestVoteReply", "TimeoutNow"] as const;
const APPENDS = ["AppendEntries", "AppendEntriesReply"] as const;
const SNAPSHOTS = ["InstallSnapshot", "InstallSnapshotReply"] as const;
const OTHERS = ["request", "answer"] as const;

/**
 * The flows out of a node between two looks. Counters start anew with the node: a smaller count
 * than before counts from nothing.
 */
export function flowsBetween(before: Live, after: Live): readonly Flow[] {
  const seconds = (after.monotonic_ms - before.monotonic_ms) / 1_000;
  if (seconds <= 0) return [];
  return after.peers.map((peer) => {
    const earlier = before.peers.find(({ id }) => id === peer.id);
    const grew = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + growth(peer, earlier, name), 0) / seconds;
    const [votes, appends, snapshots] = [grew(VOTES), grew(APPENDS), grew(SNAPSHOTS)];
    return {
      from: after.node,
      to: peer.id,
      kind: kindOf(votes, snapshots, appends),
      perSecond: votes + appends + snapshots + grew(OTHERS),
      bytesPerSecond: grew(["bytes"]),
    };
  });
}

function growth(peer: LivePeer, earlier: LivePeer | undefined, name: string): number {
  const now = peer.sent[name] ?? 0;
  const then = earlier?.sent[name] ?? 0;
  return now >= then ? now - then : now;
}

function kindOf(votes: number, snapshots: number, appends: number): FlowKind {
  if (votes > 0) return "votes";
  if (snapshots > 0) return "snapshot";
  return appends > 0 ? "append" : "quiet";
}
