/** How a peer's replicator is spoken of: where its log stands, as the leader sees it. */
import { counted } from "../../actors/phrases";
import type { RaftEvent } from "../../machines/raft/vocabulary";
import type { ReplicatorContext } from "../../machines/replicator/vocabulary";
import type { NodeId } from "../../types";
import type { Facts, Moved, Words } from "../machine-track";
import { outermost } from "../state-path";

type ReplicatorMoved = Moved<ReplicatorContext, RaftEvent>;

export const replicatorWords: Words<ReplicatorContext, RaftEvent> = {
  event,
  reason,
  index: ({ matchIndex }) => matchIndex,
  facts,
};

/** It hears through the leader's chart: what that heard says what it was told. */
function event({ after, cause }: ReplicatorMoved): string {
  if (cause === "a timer") return "heartbeat.due";
  if (cause === "the start") return "log.grew";
  switch (cause.type) {
    case "received":
      return cause.from === after.peer ? heard(cause.message) : "log.grew";
    case "peer.lost":
      return "link.lost";
    case "client.readRequested":
      return "round.opened";
    case "snapshot.published":
      return "log.compacted";
    default:
      return "log.grew";
  }
}

type Message = Extract<RaftEvent, { type: "received" }>["message"];

function heard(message: Message): string {
  if (message.type === "InstallSnapshotReply") return "chunk.acknowledged";
  if (message.type !== "AppendEntriesReply") return "log.grew";
  return message.accepted ? "reply.accepted" : "reply.rejected";
}

function reason(moved: ReplicatorMoved): string {
  const { after, from, to } = moved;
  const peer = `node ${after.peer}`;
  switch (outermost(to)) {
    case "replicate":
      return from?.startsWith("snapshot")
        ? `${peer} holds the snapshot: its log goes on from index ${after.matchIndex}`
        : `the log of ${peer} is ours up to index ${after.matchIndex}`;
    case "snapshot":
      return whySnapshot(moved, peer);
    default:
      return whyProbe(moved, peer);
  }
}

function whyProbe({ after, before, from }: ReplicatorMoved, peer: string): string {
  if (from === null) return `asks where the log of ${peer} agrees with ours`;
  if (from === "snapshot.silent") return `${peer} says nothing of the snapshot any more`;
  if (from === "probe.idle") return `asks ${peer} about index ${after.nextIndex - 1}`;
  return after.nextIndex < (before?.nextIndex ?? 0) && from !== "probe.waiting"
    ? `the log of ${peer} does not match before index ${before?.nextIndex}`
    : `the link to ${peer} was lost`;
}

function whySnapshot({ after, before, to }: ReplicatorMoved, peer: string): string {
  const { log, transfer } = after;
  switch (to) {
    case "snapshot.streaming":
      return `${peer} takes the snapshot's chunks`;
    case "snapshot.silent":
      return `${peer} does not answer to the snapshot's chunks`;
    case "snapshot.setBack":
      return `${peer} has lost what it had received of the snapshot`;
    default:
      return transfer === null || before?.transfer === transfer
        ? `${peer} lacks entries that our log, from index ${log.baseIndex + 1} on, holds no more`
        : `${peer} lacks entries up to index ${log.baseIndex} that the log holds no more: it is ` +
            `sent the snapshot up to index ${transfer.snapshot.lastIndex}`;
  }
}

/** Why a replicator is no more. */
export const whyReplicatorEnded = (peer: NodeId, leads: boolean): string =>
  leads ? `node ${peer} is no member any more` : "this node leads no more";

function facts({ inFlight, matchIndex, nextIndex, peer, transfer }: ReplicatorContext): Facts {
  return {
    peer,
    match_index: matchIndex,
    next_index: nextIndex,
    in_flight: inFlight.length,
    snapshot: transfer && transferFacts(transfer),
  };
}

/** How far a snapshot on its way to a peer has come. **Units**: bytes. */
export const transferFacts = ({
  acknowledgedBytes,
  sentBytes,
  snapshot,
}: NonNullable<ReplicatorContext["transfer"]>): Facts => ({
  snapshot_index: snapshot.lastIndex,
  acknowledged_bytes: acknowledgedBytes,
  sent_bytes: sentBytes,
  total_bytes: snapshot.byteLength,
});

/** "40 % of the snapshot up to index 1200 (3 MiB)". */
export function snapshotShare({
  acknowledgedBytes,
  snapshot,
}: NonNullable<ReplicatorContext["transfer"]>): string {
  const percent = Math.floor((100 * acknowledgedBytes) / snapshot.byteLength);
  const size = counted(Math.max(1, Math.round(snapshot.byteLength / 1024)), "KiB", "KiB");
  return `${percent} % of the snapshot up to index ${snapshot.lastIndex} (${size})`;
}
