/** What keeps each follower behind, as its leader sees it. */

import { type Reach, unreachable } from "../../actors/peer-reach";
import { counted, duration } from "../../actors/phrases";
import type { NodeId } from "../../types";
import { snapshotShare } from "../words/replicator";
import type { Evidence, Fact } from "./evidence";
import { STANDSTILL_MS_MIN } from "./writes";

export type FollowerCode =
  | "in_step"
  | "behind"
  | "probing"
  | "snapshot"
  | "link_down"
  | "silent"
  | "slow_disk"
  | "disk_full"
  | "not_counted";

export interface FollowerFact extends Fact {
  readonly id: NodeId;
  readonly code: FollowerCode;
  readonly matchIndex: number;
  /** Entries of the leader's log that it does not hold yet, as far as is known. */
  readonly behind: number;
}

/** So many entries are no mere moment of a busy leader. */
export const BEHIND_ENTRIES_MIN = 10_000;

/** One fact for each peer of a leader; none elsewhere. */
export function explainFollowers(evidence: Evidence): readonly FollowerFact[] {
  const { context, peers } = evidence.situation;
  const { leadership, log } = context;
  if (leadership === null) return [];
  return peers.map((peer) => {
    const matchIndex = leadership.matchIndex.get(peer.id) ?? 0;
    const behind = log.lastIndex - matchIndex;
    // Of one that has not answered this leader yet nothing is known.
    const isKnown = matchIndex > 0;
    const [code, says] = describe(evidence, peer, { behind, isKnown });
    return {
      about: `follower/${peer.id}`,
      ok: code === "in_step",
      id: peer.id,
      code,
      says,
      matchIndex,
      behind,
      numbers: { match_index: matchIndex, behind },
    };
  });
}

type Verdict = readonly [FollowerCode, string];

/** How many entries of the leader's log a follower lacks; at most so many where it is not known. */
interface Lag {
  readonly behind: number;
  readonly isKnown: boolean;
}

function describe(evidence: Evidence, peer: Reach, { behind, isKnown }: Lag): Verdict {
  const { situation } = evidence;
  const lag = behind === 0 ? "" : `; ${howFar(behind, isKnown)} behind`;
  if (peer.link?.state !== "open") {
    return ["link_down", `${unreachable(peer, situation.uptimeMs)}${lag}`];
  }
  if (!peer.healthy) return ["silent", `${unreachable(peer, situation.uptimeMs)}${lag}`];
  if (!peer.hasRoom) return ["disk_full", `the disk of node ${peer.id} is full${lag}`];
  return describeReplication(evidence, peer.id, lag) ?? describePace(evidence, peer.id, behind);
}

const howFar = (behind: number, isKnown: boolean): string =>
  `${isKnown ? "" : "up to "}${counted(behind, "entry", "entries")}`;

/** Where its replicator does not simply replicate. */
function describeReplication(evidence: Evidence, id: NodeId, lag: string): Verdict | null {
  const replicator = evidence.replicatorOf(id);
  if (replicator === null) return null;
  const { context, state } = replicator;
  if (state.startsWith("snapshot") && context.transfer !== null) {
    const share = snapshotShare(context.transfer);
    const hitch = hitches[state] ?? "";
    return ["snapshot", `node ${id} has ${share}, which it is sent${hitch}${lag}`];
  }
  if (state.startsWith("snapshot")) {
    return ["snapshot", `node ${id} lacks entries that the log holds no more${lag}`];
  }
  if (state.startsWith("probe")) {
    const at = context.nextIndex - 1;
    return ["probing", `node ${id} is asked whether its log is ours up to index ${at}${lag}`];
  }
  return null;
}

const hitches: Readonly<Record<string, string>> = {
  "snapshot.silent": "; it does not answer",
  "snapshot.setBack": "; it has lost what it had",
};

/** Of one that replicates: whether it gets on. */
function describePace(evidence: Evidence, id: NodeId, behind: number): Verdict {
  const stillMs = evidence.standstillMs(`match/${id}`);
  if (stillMs < STANDSTILL_MS_MIN) {
    if (behind < BEHIND_ENTRIES_MIN) return ["in_step", `node ${id} is in step`];
    return ["behind", `node ${id} is ${behind} entries behind and catches up`];
  }
  const lag = counted(behind, "entry", "entries");
  const known = evidence.replicatorOf(id)?.context.matchIndex ?? 0;
  const counts = evidence.situation.context.leadership?.matchIndex.get(id) ?? 0;
  if (known > counts) {
    return [
      "not_counted",
      `node ${id} answers, but does not count until it holds again what it may have ` +
        `acknowledged; ${lag} behind`,
    ];
  }
  return [
    "slow_disk",
    `node ${id} answers, but has made nothing durable for ${duration(stillMs)}: its disk is slow ` +
      `or stuck; ${lag} behind`,
  ];
}
