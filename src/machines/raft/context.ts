/** What a node knows when it starts, and questions about what it knows. */
import { assert } from "../../assert";
import type {
  Configuration,
  ConfigurationEntry,
  DiskId,
  Incarnation,
  LogIndex,
  Member,
  NodeId,
} from "../../types";
import { logIndex, membersOf } from "../../types";
import { seedRandom } from "../random";
import type { RaftContext, RaftInput } from "./vocabulary";

export function initialContext({ input }: { input: RaftInput }): RaftContext {
  assert(input.configurations.length > 0, "a node starts with a configuration");
  const snapshotIndex = input.snapshot?.lastIndex ?? 0;
  assert(input.log.baseIndex <= snapshotIndex, "a snapshot stands for what the log lacks");
  // What a snapshot stands for was committed, whatever the log was last told.
  const commitIndex = logIndex(Math.max(input.commitIndex, snapshotIndex));
  assert(commitIndex <= input.log.lastIndex, "commitIndex <= lastIndex");
  return {
    id: input.id,
    diskId: input.diskId,
    peerAddress: input.peerAddress,
    timing: input.timing,
    window: input.window,
    random: seedRandom(input.seed),
    electionDelayMs: input.timing.electionTimeoutMs,
    currentTerm: input.hardState.term,
    votedFor: input.hardState.votedFor,
    configurations: input.configurations,
    log: input.log,
    generation: 0,
    durableIndex: input.log.lastIndex,
    forgotten: input.forgotten,
    commitIndex,
    leaderId: null,
    verifiedIndex: logIndex(0),
    leaderRound: 0,
    peers: new Map(),
    fullDisks: new Set(),
    election: null,
    leadership: null,
    snapshot: input.snapshot,
    receiving: null,
  };
}

/** The configuration in force: the latest in the log, committed or not (Raft §6). */
export function configurationOf(context: RaftContext): Configuration {
  const latest = context.configurations.at(-1);
  assert(latest !== undefined, "a node always has a configuration");
  return latest.configuration;
}

/** The one in force at a committed entry, with the entry that put it there. */
export function configurationAt(context: RaftContext, index: LogIndex): ConfigurationEntry {
  const found = context.configurations.findLast((entry) => entry.index <= index);
  assert(found !== undefined, "some configuration is in force at every entry");
  return found;
}

export const votersOf = (context: RaftContext): readonly Member[] =>
  configurationOf(context).voters;

export const isVoter = (context: RaftContext, id: NodeId): boolean =>
  votersOf(context).some((member) => member.id === id);

/** The other voters: those who elect. */
export const rivalsOf = (context: RaftContext): readonly NodeId[] =>
  othersAmong(context, votersOf(context));

/** Everyone else who gets the log, learners too. */
export const peersOf = (context: RaftContext): readonly NodeId[] =>
  othersAmong(context, membersOf(configurationOf(context)));

const othersAmong = ({ id: own }: RaftContext, members: readonly Member[]): readonly NodeId[] =>
  members.map(({ id }) => id).filter((id) => id !== own);

export const hasBindings = (configuration: Configuration): boolean =>
  configuration.voters.some((member) => member.diskId !== null);

const memberIn = (configuration: Configuration, id: NodeId): Member | undefined =>
  membersOf(configuration).find((member) => member.id === id);

/** The latest configuration known to be committed: its bindings nobody can take back. */
export const trustedConfiguration = (context: RaftContext): Configuration =>
  isConfigurationPending(context)
    ? configurationAt(context, context.commitIndex).configuration
    : configurationOf(context);

/** The disk that the cluster knows the member by, for good; null for an unbound one. */
export const trustedDisk = (context: RaftContext, id: NodeId): DiskId | null =>
  memberIn(trustedConfiguration(context), id)?.diskId ?? null;

/** Whether it takes part by the latest configuration in the log. */
export const isMember = (context: RaftContext, id: NodeId): boolean =>
  memberIn(configurationOf(context), id) !== undefined;

/** Whether the member was removed for good: nobody listens to it any more. */
export const isRemoved = (context: RaftContext, id: NodeId): boolean =>
  !isMember(context, id) &&
  trustedConfiguration(context).removed.some((member) => member.id === id);

/**
 * Whether nobody can have made it a member without us: the cluster is we alone, for good, so that
 * whoever comes, comes by an entry of ours. Such a node may know another past than ours, if we were
 * recovered.
 */
export function isUnheardOf(context: RaftContext, id: NodeId): boolean {
  if (isMember(context, id)) return false;
  const { voters } = trustedConfiguration(context);
  return voters.length === 1 && voters[0]?.id === context.id;
}

/** Who speaks, by the greeting of its link. */
export interface Speaker {
  readonly from: NodeId;
  readonly incarnation: Incarnation;
  readonly diskId: DiskId;
}

/**
 * Ourselves, one that was removed, a replaced disk, or an earlier life of a peer: it changes
 * nothing. Whom our log does not know may have come while we were away: "a server accepts
 * AppendEntries requests from a leader that is not part of the server's latest configuration", and
 * "a server also grants its vote to a candidate that is not part of" it (Thesis §4.1).
 */
export function isStranger(context: RaftContext, { diskId, from, incarnation }: Speaker): boolean {
  if (from === context.id || isRemoved(context, from) || isUnheardOf(context, from)) return true;
  const trusted = trustedDisk(context, from);
  if (trusted !== null && trusted !== diskId) return true;
  const met = context.peers.get(from);
  return met !== undefined && incarnation < met.incarnation;
}

/** The disk that our log binds the member to, committed or not; null for an unbound one. */
export const boundDisk = (context: RaftContext, id: NodeId): DiskId | null =>
  memberIn(configurationOf(context), id)?.diskId ?? null;

/** The same of a voter: null for a learner, whose vote nobody asks for. */
export const voterDisk = (context: RaftContext, id: NodeId): DiskId | null =>
  votersOf(context).find((voter) => voter.id === id)?.diskId ?? null;

/**
 * Whether a voter's votes and acknowledgements count: its disk is the one our log binds it to. "A
 * server always uses the latest configuration in its log, regardless of whether the entry is
 * committed" (Raft §6) holds for bindings as for members: they come one at a time and never before
 * the leader has committed in its term, so two logs with different ones cannot both win.
 * Until any binding is known to be committed this is plain Raft and every voter counts, but for one
 * whose disk contradicts a binding in our own log: a disk that was replaced since has forgotten.
 */
export function counts(context: RaftContext, id: NodeId, disk: DiskId): boolean {
  if (!isVoter(context, id)) return false;
  const bound = boundDisk(context, id);
  return bound === null ? !hasBindings(trustedConfiguration(context)) : bound === disk;
}

/** Whether its answers are to be believed: a voter that counts, or a learner on its own disk. */
export const isTrusted = (context: RaftContext, id: NodeId, disk: DiskId): boolean =>
  counts(context, id, disk) || (!isVoter(context, id) && boundDisk(context, id) === disk);

/** Whether the latest configuration still waits to be committed: one change at a time. */
export function isConfigurationPending(context: RaftContext): boolean {
  const latest: LogIndex | undefined = context.configurations.at(-1)?.index;
  return latest !== undefined && latest > context.commitIndex;
}

/**
 * "A server that is not part of its own latest configuration should still start new elections, as
 * it might still be needed until the C_new entry is committed" (Thesis §4.2.2): it may be the only
 * one whose log holds that entry, and then nobody else can win.
 */
function isStillNeeded(context: RaftContext): boolean {
  const { id } = context;
  if (isMember(context, id)) return false;
  const before = trustedConfiguration(context);
  const own = before.voters.find((voter) => voter.id === id);
  if (own === undefined) return false;
  return own.diskId === null ? !hasBindings(before) : own.diskId === context.diskId;
}

/** Whether this node has a part in elections, by the disk that the cluster knows it by. */
export const takesPart = (context: RaftContext): boolean =>
  counts(context, context.id, context.diskId) || isStillNeeded(context);

/** Whether it may use it: only one that remembers all it has acknowledged. */
export const mayVote = (context: RaftContext): boolean =>
  context.forgotten === null && takesPart(context);

/** The same by the word of a peer, in whose log we are a voter by `disk`. */
export const isVouchedFor = (context: RaftContext, disk: DiskId | null): boolean =>
  disk === context.diskId && context.forgotten === null;
