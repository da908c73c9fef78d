/**
 * What a leader changes of its own accord in who takes part (Raft §6, Thesis §4). A member is an id
 * bound to the disk that remembers its votes and acknowledgements (ours; architecture,
 * "Identity"); bindings, addresses and promotions are entries in the log like any other.
 */
import type { Address, Configuration, DiskId, Learner, Member, NodeId } from "../../../types";
import { membersOf } from "../../../types";
import { majority } from "../../quorum";
import {
  configurationOf,
  hasBindings,
  isConfigurationPending,
  isRemoved,
  votersOf,
} from "../context";
import { all, type Consequence, nothing } from "../rule";
import type { CatchUp, RaftContext, RaftEvent } from "../vocabulary";
import { appendDrafts } from "./append";
import { hasCommittedInTerm } from "./read-index";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/** The disk by which a member was met; our own for ourselves. null for one not met. */
const metDisk = (context: RaftContext, id: NodeId): DiskId | null =>
  id === context.id ? context.diskId : (context.peers.get(id)?.diskId ?? null);

/** Where a member says that it is now; null where it says nothing. */
const metAddress = (context: RaftContext, id: NodeId): Address | null =>
  id === context.id ? context.peerAddress : (context.peers.get(id)?.peerAddress ?? null);

/** The configuration with one member, voter or learner, as `changed` has it. */
export function withMember(configuration: Configuration, changed: Member): Configuration {
  const replace = <T extends Member>(member: T): T =>
    member.id === changed.id ? { ...member, ...changed } : member;
  const { learners, removed, voters } = configuration;
  return { voters: voters.map(replace), learners: learners.map(replace), removed };
}

/** The configuration with one more voter that was a learner. */
export function withVoter(configuration: Configuration, learner: Learner): Configuration {
  const { diskId, id, peerAddress } = learner;
  const voters = [...configuration.voters, { id, peerAddress, diskId }].sort((a, b) => a.id - b.id);
  const learners = configuration.learners.filter((other) => other !== learner);
  return { ...configuration, voters, learners };
}

/**
 * "At most one uncommitted" change at a time, and none before the leader has committed in its own
 * term (Thesis §4.1, Ongaro 2015): two leaders' changes could otherwise make majorities that do not
 * meet. In force, and counted by, as soon as it is appended.
 */
export const mayChange = (context: RaftContext): boolean =>
  hasCommittedInTerm(context) &&
  !isConfigurationPending(context) &&
  !isRemoved(context, context.id);

/** A leader's own changes wait while it hands over: its successor would lack what it appends. */
const mayChangeItself = (context: RaftContext): boolean =>
  mayChange(context) && context.leadership?.transferTo === null;

export const appendConfiguration = (
  context: RaftContext,
  configuration: Configuration,
): Consequence => appendDrafts(context, [{ kind: "configuration", configuration }]);

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
  return bound >= majority(voters.length) ? { ...configurationOf(context), voters } : null;
}

/**
 * The configuration in force with one more member bound that has been met; null where there is
 * none. One at a time, for each voter adds to those who decide: "majorities of the old and new
 * configurations overlap" (Thesis §4.1) only then.
 */
export function bindNext(context: RaftContext): Configuration | null {
  const configuration = configurationOf(context);
  const next = membersOf(configuration).find(
    ({ diskId, id }) => diskId === null && metDisk(context, id) !== null,
  );
  if (next === undefined) return null;
  return withMember(configuration, { ...next, diskId: metDisk(context, next.id) });
}

/** Members met for the first time. A cluster that has bound nobody binds its founders at once. */
export function bindNewcomers(context: RaftContext): Consequence {
  if (!mayChangeItself(context)) return nothing;
  const isYoung = !hasBindings(configurationOf(context));
  const configuration = isYoung ? bindFounders(context) : bindNext(context);
  return configuration === null ? nothing : appendConfiguration(context, configuration);
}

const staysAt = (context: RaftContext, id: NodeId, address: Address): boolean =>
  (metAddress(context, id) ?? address) === address;

/** A member that comes back elsewhere says so in its greeting: the others are to find it there. */
export function moveMembers(context: RaftContext): Consequence {
  if (!mayChangeItself(context)) return nothing;
  const configuration = configurationOf(context);
  const members = membersOf(configuration);
  // Two that have changed places say so both: each leaves its address to the other.
  const isTaken = (address: Address) =>
    members.some(({ id, peerAddress }) => peerAddress === address && staysAt(context, id, address));
  const moved = members.find((member) => {
    const address = metAddress(context, member.id);
    return address !== null && address !== member.peerAddress && !isTaken(address);
  });
  if (moved === undefined) return nothing;
  const peerAddress = metAddress(context, moved.id) ?? moved.peerAddress;
  return appendConfiguration(context, withMember(configuration, { ...moved, peerAddress }));
}

/**
 * "The replication of entries to the new server is split into rounds. Each round replicates all the
 * log entries present in the leader's log at the start of the round" (Thesis §4.2.1). A round is
 * looked at once an election timeout, with the check of the quorum.
 */
export function advanceCatchUp(context: RaftContext): ReadonlyMap<NodeId, CatchUp> {
  const { leadership, log } = context;
  const { learners } = configurationOf(context);
  const fresh = { target: log.lastIndex, checks: 0, keepsUp: false };
  return new Map(
    learners.map(({ id }) => {
      const round = leadership?.catchUp.get(id);
      if (round === undefined) return [id, fresh];
      const match = leadership?.matchIndex.get(id) ?? 0;
      if (match < round.target) return [id, { ...round, checks: round.checks + 1, keepsUp: false }];
      // "If the last round lasts less than an election timeout, then the leader adds the new
      // server to the cluster, under the assumption that there are not enough unreplicated entries
      // to create a significant availability gap."
      return [id, { ...fresh, keepsUp: round.checks === 0 }];
    }),
  );
}

/** Looks how far the learners have come, and makes a voter of one that keeps up. */
export function promoteLearners(context: RaftContext): Consequence {
  const { leadership } = context;
  const configuration = configurationOf(context);
  if (leadership === null || configuration.learners.length === 0) return nothing;
  const catchUp = advanceCatchUp(context);
  const noted: Consequence = { context: { leadership: { ...leadership, catchUp } } };
  const ready = configuration.learners.find(
    ({ diskId, id, stays }) =>
      !stays && diskId !== null && leadership.heard.has(id) && catchUp.get(id)?.keepsUp === true,
  );
  if (ready === undefined || !mayChangeItself(context)) return noted;
  return all(noted, appendConfiguration(context, withVoter(configuration, ready)));
}

export function notePeerMet(context: RaftContext, event: On<"peer.met">): Consequence {
  const { type: _, peer, ...met } = event;
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
