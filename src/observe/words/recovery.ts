/**
 * How a start is spoken of: what was found on the disk, and whether the node remembers all that it
 * has acknowledged. It has no chart; the log store recovers before there is a node.
 */
import { counted } from "../../actors/phrases";
import type { RaftEvent } from "../../machines/raft/vocabulary";
import type { Term } from "../../types";
import type { Moved, Words } from "../machine-track";

/** What a start has found. */
export interface Start {
  /** How often this data directory has been started. */
  readonly incarnation: number;
  readonly term: Term;
  /** 0 for none. */
  readonly snapshotIndex: number;
  readonly lastLogIndex: number;
  readonly entries: number;
  /** Up to where it may have acknowledged entries, where the log ends before that. */
  readonly forgottenUpTo: number | null;
}

export interface RecoveryContext extends Start {
  /** How the life before ended, as far as the journal tells; null where it tells of none. */
  readonly lifeBefore: "in good order" | "by a fault" | "without a word" | null;
}

/** `quarantined` while it may have acknowledged what its log no longer holds. */
export const recoveryState = (forgotten: unknown): "quarantined" | "recovered" =>
  forgotten === null ? "recovered" : "quarantined";

export const recoveryWords: Words<RecoveryContext, RaftEvent> = {
  event: ({ before }) => (before === null ? "started" : "log.recovered"),
  reason: ({ after, before }: Moved<RecoveryContext, RaftEvent>) =>
    before === null ? whatWasFound(after) : "it holds again all that it may have acknowledged",
  index: ({ lastLogIndex }) => lastLogIndex,
  facts: ({ forgottenUpTo, incarnation }) => ({
    start: incarnation,
    forgotten_up_to: forgottenUpTo,
  }),
};

function whatWasFound(found: RecoveryContext): string {
  const { entries, forgottenUpTo, incarnation, lifeBefore, snapshotIndex, term } = found;
  const life = lifeBefore === null ? "" : `, after one that ended ${lifeBefore}`;
  const snapshot = snapshotIndex === 0 ? "" : `a snapshot up to index ${snapshotIndex} and `;
  const log = `${counted(entries, "log entry", "log entries")}, term ${term}`;
  const gap =
    forgottenUpTo === null
      ? ""
      : `; the log ends before index ${forgottenUpTo}, which it may have acknowledged: no vote ` +
        "until it is there again";
  return `start ${incarnation}${life}: found ${snapshot}${log}${gap}`;
}
