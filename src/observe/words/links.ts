/** How the two links to a peer are spoken of: ours to it, and its own to us. */
import { duration } from "../../actors/phrases";
import type { AcceptanceContext, AcceptanceEvent } from "../../machines/acceptance.machine";
import type { ConnectionContext, ConnectionEvent } from "../../machines/connection.machine";
import type { NodeId } from "../../types";
import type { Moved, Words } from "../machine-track";
import { outermost } from "../state-path";

type ConnectionMoved = Moved<ConnectionContext, ConnectionEvent>;
type AcceptanceMoved = Moved<AcceptanceContext, AcceptanceEvent>;

/** By its pings an open link stays what it is: they would fill a quiet node's journal. */
const outside = (path: string): string => (path.startsWith("open.") ? outermost(path) : path);

const timers: Readonly<Record<string, string>> = {
  connecting: "after connectTimeout",
  handshaking: "after handshakeTimeout",
  backoff: "after retryDelay",
  refused: "after retryDelay",
  stopping: "after flushTimeout",
  closing: "after flushTimeout",
};

/** As a chart's `after` names it; an open link has no other timer that ends it. */
function triggerOf<Event extends { readonly type: string }>({
  cause,
  from,
}: Pick<Moved<unknown, Event>, "cause" | "from">): string {
  if (cause === "the start") return "started";
  if (cause === "a timer") return timers[from ?? ""] ?? "after silenceTimeout";
  return cause.type;
}

/** The link that we dial to `peer`, to speak to it. */
export const connectionWords = (peer: NodeId): Words<ConnectionContext, ConnectionEvent> => ({
  told: outside,
  event: (moved) => {
    // A retry that is not told stands between the two states of what is.
    const isFailedRetry = moved.from === "backoff" && moved.cause === "a timer";
    return isFailedRetry ? "after connectTimeout" : triggerOf(moved);
  },
  reason: (moved) => connectionReason(moved, `node ${peer}`),
  index: () => null,
  facts: ({ failures, reason, refusal }) => ({
    peer,
    failures,
    reason,
    refusal: refusal?.code ?? null,
  }),
  // A peer that is down is dialled for hours, once a second: only what it fails by is news.
  isNews: ({ after, from, to }, told) => {
    if (to === "connecting" || to === "handshaking") return after.reason === null;
    return from !== to || after.reason !== told.reason;
  },
});

function connectionReason({ after, cause, to }: ConnectionMoved, peer: string): string {
  switch (to) {
    case "connecting":
      return `dials ${peer}`;
    case "handshaking":
      return `greets ${peer}`;
    case "open":
      return `${peer} and this node accept each other's greetings`;
    case "refused": {
      const isByPeer =
        typeof cause !== "string" && cause.type === "greeting.refused" && cause.by === "peer";
      const who = isByPeer ? `${peer} refuses us` : `${peer} is refused`;
      return `${who}: ${after.reason ?? "no reason given"}`;
    }
    case "backoff":
      return `no link to ${peer}: ${after.reason}`;
    default:
      return `this node ends its link to ${peer}`;
  }
}

/** The link that `peer` dials to us, on which it is heard. */
export const acceptanceWords = (peer: NodeId): Words<AcceptanceContext, AcceptanceEvent> => ({
  told: outside,
  event: triggerOf,
  reason: (moved) => acceptanceReason(moved, `node ${peer}`),
  index: () => null,
  facts: ({ reason }) => ({ peer, reason }),
});

const acceptanceReason = ({ after, heldMs, to }: AcceptanceMoved, peer: string): string =>
  to === "open"
    ? `${peer} has greeted us and is heard`
    : `${peer} is heard no more on its link of ${duration(heldMs)}: ${after.reason ?? "closing"}`;
