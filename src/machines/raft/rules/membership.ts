/**
 * Who is who. Source: ours (architecture, "Identity"). A member is an id bound to the disk that
 * remembers its votes and acknowledgements; the binding is an entry in the log.
 */
import type { Configuration } from "../../../types";
import { majority } from "../../quorum";
import { configurationOf, isConfigurationPending } from "../context";
import { type Consequence, nothing } from "../rule";
import type { RaftContext, RaftEvent } from "../vocabulary";
import { appendDrafts } from "./append";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/**
 * The configuration in force with every unbound member bound that has been met; null where that
 * changes nothing, or where fewer than a majority would be bound: from then on only bound members
 * count, and too few of them could never bind another.
 */
export function bindMetDisks(context: RaftContext): Configuration | null {
  const before = configurationOf(context).voters;
  const voters = before.map((member) => {
    if (member.diskId !== null) return member;
    const diskId =
      member.id === context.id ? context.diskId : (context.peers.get(member.id)?.diskId ?? null);
    return { ...member, diskId };
  });
  const bound = voters.filter((member) => member.diskId !== null).length;
  const isNew = voters.some((member, i) => member.diskId !== before[i]?.diskId);
  return isNew && bound >= majority(voters.length) ? { voters } : null;
}

/**
 * A founder met for the first time is bound by an entry that commits without it: `counts` looks
 * only at committed bindings. One configuration entry at a time, and none before the leader has
 * committed in its own term (Ongaro 2015).
 */
export function bindNewcomers(context: RaftContext): Consequence {
  const { leadership } = context;
  if (leadership === null || context.commitIndex < leadership.firstIndex) return nothing;
  if (isConfigurationPending(context)) return nothing;
  const configuration = bindMetDisks(context);
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
