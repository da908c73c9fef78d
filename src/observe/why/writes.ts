/** Whether writes flow through this node; or why they wait, or are refused. */

import { unreachable } from "../../actors/peer-reach";
import { counted, duration } from "../../actors/phrases";
import type { Evidence, Fact } from "./evidence";

export type WritesCode =
  | "flowing"
  | "no_leader"
  | "no_quorum"
  | "queue_full"
  | "disk_full"
  | "transferring"
  | "leaving"
  | "not_durable"
  | "not_committed"
  | "shutting_down";

export interface WritesFact extends Fact {
  readonly code: WritesCode;
  readonly underWay: number;
  readonly limit: number;
}

/** What is owed so long is no mere moment of a busy disk. **Units**: ms. */
export const STANDSTILL_MS_MIN = 1_000;

export function explainWrites(evidence: Evidence): WritesFact {
  const { disk, context, writes } = evidence.situation;
  const [code, says] = describe(evidence);
  return {
    about: "writes",
    ok: code === "flowing",
    code,
    says,
    underWay: writes.underWay,
    limit: writes.max,
    numbers: {
      under_way: writes.underWay,
      limit: writes.max,
      last_log_index: disk.lastIndex,
      durable_index: disk.durableIndex,
      commit_index: context.commitIndex,
    },
  };
}

function describe(evidence: Evidence): readonly [WritesCode, string] {
  return (
    refused(evidence) ?? undecided(evidence) ?? stuck(evidence) ?? ["flowing", flowing(evidence)]
  );
}

type Verdict = readonly [WritesCode, string] | null;

/** What this node tells a client at once. */
function refused({ situation, state }: Evidence): Verdict {
  const { disk, isStopping, writes } = situation;
  if (isStopping) return ["shutting_down", "this node is shutting down and takes no writes"];
  // Others take what they bring to the leader, or wait for the next one.
  if (disk.isFull && state === "leader.serving") {
    return ["disk_full", "the disk of this node is full to the last byte: sets are refused"];
  }
  if (!disk.quorumHasRoom) {
    return [
      "disk_full",
      "a quorum of nodes is short of disk space: sets are refused, deletes still work",
    ];
  }
  if (writes.underWay >= writes.max) {
    return ["queue_full", `${writes.max} writes are under way on this node: others wait for room`];
  }
  return null;
}

/** Where nobody decides. */
function undecided({ inStateMs, situation, state }: Evidence): Verdict {
  const { context, disk, id, leaderId, peers, quorum, uptimeMs } = situation;
  if (state === "leader.transferring") {
    const to = context.leadership?.transferTo;
    const since = duration(inStateMs);
    const why = disk.hasRoom ? "" : ", for the disk of this node is full";
    return [
      "transferring",
      `the office is being handed over to node ${to}, for ${since}${why}: writes wait`,
    ];
  }
  if (state === "leader.leaving") {
    return [
      "leaving",
      "this node leads until its own removal is committed: writes wait for the next",
    ];
  }
  if (leaderId === null) return ["no_leader", "nobody leads: writes wait for an election"];
  if (leaderId === id && quorum.reachable < quorum.needed) {
    const { needed, reachable, voters } = quorum;
    const count = `${needed} of ${voters} voters must hold a write, ${reachable} reachable`;
    return ["no_quorum", `writes wait: ${count}`];
  }
  const leader = peers.find((peer) => peer.id === leaderId);
  if (leader !== undefined && leader.link?.state !== "open") {
    return ["no_leader", `writes wait for the leader: ${unreachable(leader, uptimeMs)}`];
  }
  return null;
}

/** Where a leader has taken them and gets no further. */
function stuck({ situation, standstillMs }: Evidence): Verdict {
  const { context, disk, id, leaderId } = situation;
  if (leaderId !== id) return null;
  const owed = disk.lastIndex - context.commitIndex;
  const waitMs = standstillMs("commit");
  if (waitMs < STANDSTILL_MS_MIN) return null;
  const waiting = `${counted(owed, "entry waits", "entries wait")} for ${duration(waitMs)}`;
  return standstillMs("durable") >= STANDSTILL_MS_MIN
    ? ["not_durable", `${waiting}: the disk of this node has made nothing durable meanwhile`]
    : ["not_committed", `${waiting} to be acknowledged by a majority`];
}

function flowing({ situation }: Evidence): string {
  const { id, leaderId, writes } = situation;
  const way = leaderId === id ? "writes flow" : `writes flow to node ${leaderId}`;
  return writes.underWay === 0 ? way : `${way}, ${writes.underWay} under way`;
}
