/**
 * Who is who. Source: ours (architecture, "Identity"). A member is an id bound to the disk that
 * remembers its votes and acknowledgements; the binding is an entry in the log.
 */
import type { Configuration, DiskId, NodeId } from "../../../types";
import { majority } from "../../quorum";
import { configurationOf, hasBindings, isConfigurationPending, votersOf } from "../context";
import { type Consequence, nothing } from "../rule";
import type { RaftContext, RaftEvent } from "../vocabulary";
import { appendDrafts } from "./append";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/** The disk by which a member was met; our own for ourselves. null for one not met. */
const metDisk = (context: RaftContext, id: NodeId): DiskId | null =>
  id === context.id ? context.diskId : (context.peers.get(id)?.diskId ?? null);

/**
 * The configuration in force with every founder bound that has been met; null where fewer than a
 * majority would be bound: from then on only bound members count, and too few of them could never
 * bind another. For a cluster that has bound nobody.
 */
export function bindFounders(context: RaftContext): Configuration | null {
  const voters = votersOf(context).map((member) => ({
    ...member,
    diskId: metDisk(context, member.id),
  }));
  const bound = voters.filter(({ diskId }) => diskId !== null).length;
  return bound >= majority(voters.length) ? { voters } : null;
}

/**
 * The configuration in force with one more member bound that has been met; null where there is
 * none. One at a time, for each adds to those who decide: "majorities of the old and new
 * configurations overlap" (Thesis §4.1) only then.
 */
export function bindNext(context: RaftContext): Configuration | null {
  const { voters } = configurationOf(context);
  const next = voters.find(({ diskId, id }) => diskId === null && metDisk(context, id) !== null);
  if (next === undefined) return null;
  const bound = { ...next, diskId: metDisk(context, next.id) };
  return { voters: voters.map((member) => (member === next ? bound : member)) };
}

/**
 * Members met for the first time, in the order of their ids. A cluster that has bound nobody binds
 * its founders at once. One configuration entry at a time, and none before the leader has committed
 * in its own term (Ongaro 2015).
 */
export function bindNewcomers(context: RaftContext): Consequence {
  const { leadership } = context;
  if (leadership === null || context.commitIndex < leadership.firstIndex) return nothing;
  if (isConfigurationPending(context)) return nothing;
  const isYoung = !hasBindings(configurationOf(context));
  const configuration = isYoung ? bindFounders(context) : bindNext(context);
  if (configuration === null) return nothing;
  return appendDrafts(context, [{ kind: "configuration", configuration }]);
}

export function notePeerMet(context: RaftContext, event: On<"peer.met">): Consequence {
  const { peer, incarnation, diskId, lastLogIndex, lastLogTerm } = event;
  const met = { incarnation, diskId, lastLogIndex, lastLogTerm };
  return { context: { peers: new Map(context.peers).set(peer, met) } };
}

export function notePeerLost(context: RaftContext, event: On<"peer.lost">): Consequence {
  const peers = new Map(context.peers);
  peers.delete(event.peer);
  return {
    context: { peers },
    notices: [{ to: event.peer, event: { type: "link.lost" } }],
  };
}
