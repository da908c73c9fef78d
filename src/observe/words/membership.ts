/** How membership is spoken of: who takes part, and whether that is committed. */
import { nodes } from "../../actors/phrases";
import { configurationOf } from "../../machines/raft/context";
import type { RaftContext, RaftEvent } from "../../machines/raft/vocabulary";
import { membersOf, type NodeId } from "../../types";
import type { Moved, Words } from "../machine-track";

type RaftMoved = Moved<RaftContext, RaftEvent>;

const latestIndex = ({ configurations }: RaftContext): number => configurations.at(-1)?.index ?? 0;

/** `pending` while the latest configuration waits to be committed: one change at a time. */
export const membershipState = (context: RaftContext): "pending" | "settled" =>
  latestIndex(context) > context.commitIndex ? "pending" : "settled";

export const membershipWords: Words<RaftContext, RaftEvent> = {
  event: ({ after, before, to }) => {
    if (before === null) return "started";
    if (latestIndex(after) < latestIndex(before)) return "configuration.replaced";
    return to === "pending" ? "configuration.appended" : "configuration.committed";
  },
  reason: membershipReason,
  index: latestIndex,
  facts: (context) => {
    const { learners, removed, voters } = configurationOf(context);
    return {
      index: latestIndex(context),
      voters: voters.map(({ id }) => id),
      learners: learners.map(({ id }) => id),
      removed: removed.map(({ id }) => id),
    };
  },
};

function membershipReason({ after, before, to }: RaftMoved): string {
  const index = latestIndex(after);
  if (before === null) {
    return index === 0 ? `${who(after)}, by the founding` : `${who(after)}, by entry ${index}`;
  }
  if (index < latestIndex(before)) return `entry ${latestIndex(before)} is replaced: ${who(after)}`;
  if (to === "settled") return `${who(after)}: entry ${index} is committed`;
  const same = who(after) === who(before) ? `, which ${whatElse(after, before)}` : "";
  return `${who(after)}, once entry ${index} is committed${same}`;
}

function who(context: RaftContext): string {
  const { learners, voters } = configurationOf(context);
  const guests = learners.length === 0 ? "" : `, and ${nodes(idsOf(learners))} may learn`;
  return `${nodes(idsOf(voters))} may vote${guests}`;
}

/** Where nobody came or went, a disk was bound, or an address changed. */
function whatElse(after: RaftContext, before: RaftContext): string {
  const known = new Set(idsOf(boundIn(before)));
  const fresh = idsOf(boundIn(after)).filter((id) => !known.has(id));
  if (fresh.length === 0) return "tells another address";
  return `binds ${nodes(fresh)} to ${fresh.length === 1 ? "its disk" : "their disks"}`;
}

const boundIn = (context: RaftContext) =>
  membersOf(configurationOf(context)).filter(({ diskId }) => diskId !== null);

const idsOf = (members: readonly { readonly id: NodeId }[]) => members.map(({ id }) => id);
