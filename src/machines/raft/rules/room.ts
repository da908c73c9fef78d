/**
 * Room on disks, and a leader that has none. "In some cases, one or more servers may be more
 * suitable to lead the cluster than others": "a leader in Raft can periodically check to see
 * whether one of its available followers would be more suitable, and if so, transfer its leadership
 * to that server" (Thesis §3.10). It is for progress alone: nothing of Raft's safety rests on it.
 */
import { assert } from "../../../assert";
import type { NodeId } from "../../../types";
import { majority } from "../../quorum";
import { rivalsOf, votersOf } from "../context";
import type { Consequence } from "../rule";
import type { RaftContext, RaftEvent } from "../vocabulary";
import { transferTargets } from "./transfer";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/**
 * So many checks of the quorum pass before a full leader tries to hand over again: writes wait for
 * each try in vain as long as from one check to the next, so that they wait a tenth of the time.
 */
export const HAND_OVER_REST_CHECKS = 10;

export const noteFilled = (
  { fullDisks }: RaftContext,
  { node }: On<"disk.filled">,
): Consequence => ({ context: { fullDisks: new Set(fullDisks).add(node) } });

export const noteFreed = ({ fullDisks }: RaftContext, { node }: On<"disk.freed">): Consequence => ({
  context: { fullDisks: new Set([...fullDisks].filter((full) => full !== node)) },
});

/**
 * Whose disk is full, as far as this node can know. Followers have nothing to say to each other:
 * one that filled up as a leader tells its successor alone when it has room again, so that only a
 * leader knows of all, and the others of themselves and of their leader.
 */
export function knownFull(context: RaftContext): RaftContext["fullDisks"] {
  const { fullDisks, id, leaderId, leadership } = context;
  if (leadership !== null || fullDisks.size === 0) return fullDisks;
  return new Set([...fullDisks].filter((full) => full === id || full === leaderId));
}

/** Whether a majority of voters has disk space to spare, as far as this node can know. */
export function quorumHasRoom(context: RaftContext): boolean {
  // Asked for every write; nearly always no disk is full.
  if (context.fullDisks.size === 0) return true;
  const voters = votersOf(context);
  const full = knownFull(context);
  const roomy = voters.filter(({ id }) => !full.has(id));
  return roomy.length >= majority(voters.length);
}

/**
 * Ours: the voters that take the office from a leader whose own disk is full, the best first. None
 * unless those that it hears, and that have room, are a majority without it: where it is needed for
 * one, another leader would be no better off, and two full ones would hand over to each other for
 * ever. One that has just been told in vain comes last. As a disk fills, heard since the check
 * before the last will do: right behind a check nobody is heard, and a disk that is full to the
 * last byte cannot wait for the next.
 */
export function roomySuccessors(context: RaftContext): readonly NodeId[] {
  const { fullDisks, id, leadership } = context;
  if (leadership === null || !fullDisks.has(id)) return [];
  const heard = new Set([...leadership.heard, ...leadership.heardBefore]);
  const isRoomy = (voter: NodeId) => heard.has(voter) && !fullDisks.has(voter);
  const roomy = rivalsOf(context).filter(isRoomy);
  if (roomy.length < majority(votersOf(context).length)) return [];
  const last = leadership.lastHandOver?.to;
  return transferTargets(context)
    .filter(isRoomy)
    .sort((a, b) => Number(a === last) - Number(b === last));
}

/** Whether a try in vain was only just now. */
const isResting = ({ leadership }: RaftContext): boolean =>
  (leadership?.lastHandOver?.checks ?? HAND_OVER_REST_CHECKS) < HAND_OVER_REST_CHECKS;

/** The same as a disk fills, or as it is looked who was heard from one check to the next. */
function successorsAt(context: RaftContext, event: RaftEvent): readonly NodeId[] {
  const { leadership } = context;
  if (event.type === "disk.filled") {
    return roomySuccessors({ ...context, ...noteFilled(context, event).context });
  }
  return roomySuccessors({
    ...context,
    leadership: leadership && { ...leadership, heardBefore: new Set() },
  });
}

/** Whether a leader should hand over for want of room. */
export const shouldMakeWay = (context: RaftContext, event: RaftEvent): boolean =>
  !isResting(context) && successorsAt(context, event).length > 0;

/** Hands over to the best of them. */
export function makeWay(
  context: RaftContext,
  event: On<"disk.filled" | "quorumCheck.due">,
): Consequence {
  const { leadership } = context;
  const [to] = successorsAt(context, event);
  assert(leadership !== null && to !== undefined, "a leader makes way for somebody");
  const lastHandOver = { to, checks: 0 };
  return { context: { leadership: { ...leadership, transferTo: to, lastHandOver } } };
}
