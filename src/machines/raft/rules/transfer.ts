/**
 * Leadership transfer (Thesis §3.10): the leader "stops accepting new client requests", brings the
 * target's log up to date, and "sends a TimeoutNow request to the target server". Ours: it also
 * waits until everything it appended is committed, so that no client is left in doubt.
 */
import { assert } from "../../../assert";
import type { NodeId } from "../../../types";
import { isRemoved, rivalsOf } from "../context";
import { type Consequence, nothing } from "../rule";
import type { RaftContext, RaftEvent } from "../vocabulary";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/** Whom the office can be handed to: rather one whose disk has room, and then the furthest. */
export function transferTargets(context: RaftContext): readonly NodeId[] {
  const { fullDisks, leadership } = context;
  if (leadership === null) return [];
  const match = (id: NodeId): number => leadership.matchIndex.get(id) ?? 0;
  const fullness = (id: NodeId): number => Number(fullDisks.has(id));
  return (
    rivalsOf(context)
      // One that is sent a snapshot is far from up to date, whatever it once acknowledged (M38).
      .filter((id) => context.peers.has(id) && match(id) > 0 && !leadership.sending.has(id))
      .sort((a, b) => fullness(a) - fullness(b) || match(b) - match(a))
  );
}

/** The voter asked for, or the best of those we hear from; null if there is none. */
export const transferTarget = (context: RaftContext, wanted: NodeId | null): NodeId | null =>
  transferTargets(context).find((id) => wanted === null || id === wanted) ?? null;

export function beginTransfer(context: RaftContext, event: On<"transfer.requested">): Consequence {
  return { context: withTarget(context, transferTarget(context, event.to)) };
}

export const endTransfer = (context: RaftContext): Consequence => ({
  context: withTarget(context, null),
});

function withTarget(context: RaftContext, transferTo: NodeId | null): Partial<RaftContext> {
  const { leadership } = context;
  assert(leadership !== null, "only a leader transfers its office");
  return { leadership: { ...leadership, transferTo } };
}

/**
 * "A leader that is removed from the configuration steps down" once that is committed (Thesis
 * §4.2.2). Ours: it tells the one whose log is whole to campaign at once, so that nobody waits out
 * an election timeout for one that left in good order.
 */
export function passOn(context: RaftContext): Consequence {
  if (!isRemoved(context, context.id)) return nothing;
  const to = transferTargets(context).find((id) => holdsAll(context, id));
  return to === undefined ? nothing : tellToCampaign(context, to);
}

/** Sent again with every answer until the target campaigns: a lost one costs little. */
export function handOver(context: RaftContext): Consequence {
  const to = context.leadership?.transferTo ?? null;
  // One that is removed passes its office on as it leaves, to one alone.
  if (to === null || isRemoved(context, context.id)) return nothing;
  const isReady = holdsAll(context, to) && context.commitIndex === context.log.lastIndex;
  return isReady ? tellToCampaign(context, to) : nothing;
}

const holdsAll = ({ leadership, log }: RaftContext, id: NodeId): boolean =>
  leadership?.matchIndex.get(id) === log.lastIndex;

const tellToCampaign = ({ currentTerm }: RaftContext, to: NodeId): Consequence => ({
  effects: [{ type: "send", to, message: { type: "TimeoutNow", term: currentTerm } }],
});
