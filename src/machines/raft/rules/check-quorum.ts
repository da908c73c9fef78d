/**
 * Check-quorum (Thesis §6.2): "a leader in Raft steps down if an election timeout elapses without
 * a successful round of heartbeats to a majority of its cluster", so that clients try elsewhere.
 */
import { assert } from "../../../assert";
import type { NodeId } from "../../../types";
import { majority } from "../../quorum";
import { votersOf } from "../context";
import type { Consequence } from "../rule";
import type { OwnDisk, RaftContext } from "../vocabulary";

/**
 * Checks in a row that a leader's own disk may get nowhere before it is no better than silence. So
 * many that a slow disk does not cost an election: one that syncs at all within six election
 * timeouts is only slow.
 */
export const STUCK_CHECKS_MAX = 6;

/**
 * Ours: the leader is one of the majority only while its disk works (M59). With a disk that hangs
 * it could commit by the others alone; where they are no majority either, it must make way for one.
 */
export function hasHeardQuorum(context: RaftContext): boolean {
  const voters = votersOf(context);
  const isHeard = (id: NodeId) =>
    id === context.id ? !isOwnDiskStuck(context) : context.leadership?.heard.has(id) === true;
  return voters.filter(({ id }) => isHeard(id)).length >= majority(voters.length);
}

/** Whether a leader's own disk is no better than silence. */
export const isOwnDiskStuck = (context: RaftContext): boolean =>
  ownDiskNow(context).stuckChecks >= STUCK_CHECKS_MAX;

/** Until the next check others are heard anew; what is counted in checks is one older. */
export function forgetHeard(context: RaftContext): Consequence {
  const { leadership } = context;
  assert(leadership !== null, "only a leader checks its quorum");
  const { heard: heardBefore, lastHandOver: last } = leadership;
  const lastHandOver = last && { ...last, checks: last.checks + 1 };
  const ownDisk = ownDiskNow(context);
  const counted = { ownDisk, lastHandOver };
  return { context: { leadership: { ...leadership, heard: new Set(), heardBefore, ...counted } } };
}

/** As this check finds it: owing us entries, and no further than at the check before. */
function ownDiskNow({ durableIndex, leadership, log }: RaftContext): OwnDisk {
  const before = leadership?.ownDisk ?? null;
  const isStuck = durableIndex < log.lastIndex && durableIndex === before?.durableIndex;
  return { durableIndex, stuckChecks: isStuck ? before.stuckChecks + 1 : 0 };
}
