/** What an operator changes in who takes part (Thesis §4.2), and when it is refused. */
import { assert } from "../../../assert";
import type { Configuration, Learner, MembershipChange, NodeId } from "../../../types";
import { membersOf } from "../../../types";
import { majority } from "../../quorum";
import { configurationOf, hasBindings, isConfigurationPending, isVoter } from "../context";
import { all, type Consequence } from "../rule";
import type { ChangeRefusal, Leadership, RaftContext, RaftEvent } from "../vocabulary";
import { appendConfiguration, mayChange, withMember, withVoter } from "./membership";

type Asked = Extract<RaftEvent, { type: "member.changeRequested" }>;
type Change<K extends MembershipChange["kind"]> = Extract<MembershipChange, { kind: K }>;

/** Voters and learners together. More of them make a cluster slower, not safer. */
export const MEMBERS_MAX = 16;
/** Tombstones kept; the oldest go first. */
export const REMOVED_MAX = 1000;

/** A configuration to be, or why it may not be. */
type Verdict = Configuration | ChangeRefusal;

const refuse = (code: ChangeRefusal["code"], detail: string): ChangeRefusal => ({ code, detail });

/** Appends what was asked for, and says at which index; or says why not. */
export function changeMembers(context: RaftContext, event: Asked): Consequence {
  const { request } = event;
  const verdict = judge(context, event);
  if ("code" in verdict) {
    return { effects: [{ type: "declineChange", request, refusal: verdict }] };
  }
  const appended = appendConfiguration(context, verdict);
  const index = appended.context?.log?.lastIndex;
  assert(index !== undefined, "what was appended has an index");
  return all(appended, { effects: [{ type: "changeAppended", request, index }] });
}

/** Nobody but a leader in office changes anything: the host may ask whoever leads. */
export const declineChange = (_: RaftContext, { request }: Asked): Consequence => ({
  effects: [
    {
      type: "declineChange",
      request,
      refusal: refuse("not_leader", "this node does not lead, or is handing over"),
    },
  ],
});

function judge(context: RaftContext, event: Asked): Verdict {
  if (isConfigurationPending(context)) {
    const { configurations } = context;
    const index = configurations.at(-1)?.index;
    const detail = `another change, entry ${index}, is not committed yet: one at a time`;
    return refuse("change_under_way", detail);
  }
  if (!mayChange(context)) {
    return refuse("not_ready", "the leader has not committed an entry of its own term yet");
  }
  const { change } = event;
  switch (change.kind) {
    case "add":
      return add(context, change);
    case "remove":
      return remove(context, change, event.reachable);
    case "move":
      return move(context, change);
    case "promote":
      return promote(context, change);
  }
}

function add(context: RaftContext, { id, peerAddress, stays }: Change<"add">): Verdict {
  const configuration = configurationOf(context);
  const members = membersOf(configuration);
  if (members.some((member) => member.id === id)) {
    return refuse("id_in_use", `node ${id} is a member already`);
  }
  if (configuration.removed.some((member) => member.id === id)) {
    return refuse("id_removed", `node ${id} was removed, and an id is never used again`);
  }
  const neighbour = members.find((member) => member.peerAddress === peerAddress);
  if (neighbour) {
    return refuse("address_in_use", `${peerAddress} is the peer address of node ${neighbour.id}`);
  }
  if (members.length >= MEMBERS_MAX) {
    return refuse("too_many", `a cluster has at most ${MEMBERS_MAX} members`);
  }
  const learner: Learner = { id, peerAddress, diskId: null, stays };
  return { ...configuration, learners: [...configuration.learners, learner] };
}

function remove(
  context: RaftContext,
  { force, id }: Change<"remove">,
  reachable: readonly NodeId[],
): Verdict {
  const configuration = configurationOf(context);
  const member = membersOf(configuration).find((other) => other.id === id);
  if (member === undefined) return unknownMember(configuration, id);
  const isOfVoters = isVoter(context, id);
  const voters = configuration.voters.filter((voter) => voter.id !== id);
  if (voters.length === 0) return refuse("last_voter", `node ${id} is the last voter there is`);
  const needed = majority(voters.length);
  const left = voters.filter((voter) => reachable.includes(voter.id)).length;
  // Only bound voters count, and too few of them could never bind another: not even by force.
  const bound = voters.filter((voter) => voter.diskId !== null).length;
  if (isOfVoters && hasBindings(configuration) && bound < needed) {
    const detail = `${needed} of the voters left must have taken part, ${bound} have`;
    return refuse("never_bound", `without node ${id} nobody could ever lead again: ${detail}`);
  }
  if (isOfVoters && left < needed && !force) {
    const detail =
      `without node ${id} there are ${voters.length} voters: ` +
      `${needed} needed, ${left} reachable; ` +
      "with force=true it is removed all the same";
    return refuse("quorum_lost", detail);
  }
  // A learner that was never there has promised nothing: its id may still be given.
  const isBlank = !isOfVoters && member.diskId === null;
  const tombstones = isBlank ? [] : [{ id, diskId: member.diskId }];
  return {
    voters,
    learners: configuration.learners.filter((learner) => learner.id !== id),
    removed: [...configuration.removed, ...tombstones].slice(-REMOVED_MAX),
  };
}

function move(context: RaftContext, { id, peerAddress }: Change<"move">): Verdict {
  const configuration = configurationOf(context);
  const members = membersOf(configuration);
  const member = members.find((other) => other.id === id);
  if (member === undefined) return unknownMember(configuration, id);
  const neighbour = members.find((other) => other.id !== id && other.peerAddress === peerAddress);
  if (neighbour) {
    return refuse("address_in_use", `${peerAddress} is the peer address of node ${neighbour.id}`);
  }
  return withMember(configuration, { ...member, peerAddress });
}

function promote(context: RaftContext, { id }: Change<"promote">): Verdict {
  const configuration = configurationOf(context);
  const learner = configuration.learners.find((other) => other.id === id);
  if (learner === undefined) {
    return isVoter(context, id)
      ? refuse("already_voter", `node ${id} is a voter already`)
      : unknownMember(configuration, id);
  }
  const { leadership, log } = context;
  const match = leadership?.matchIndex.get(id) ?? 0;
  const isReady = learner.diskId !== null && leadership?.catchUp.get(id)?.keepsUp === true;
  if (!isReady) {
    const detail = `it holds ${match} of ${log.lastIndex} entries, or did not keep up lately`;
    return refuse("lags", `node ${id} lags: ${detail}`);
  }
  return withVoter(configuration, learner);
}

function unknownMember({ removed }: Configuration, id: NodeId): ChangeRefusal {
  const wasRemoved = removed.some((member) => member.id === id);
  return refuse("unknown_member", `node ${id} ${wasRemoved ? "was removed" : "is not a member"}`);
}

/**
 * Who has left gets nothing more, and nothing of it is remembered: answers of an earlier membership
 * count for no later one (M23). Who has come is brought up like any other.
 */
export function forgetGone(leadership: Leadership, peers: readonly NodeId[]): Leadership {
  const keep = <T>(map: ReadonlyMap<NodeId, T>) =>
    new Map([...map].filter(([id]) => peers.includes(id)));
  return {
    ...leadership,
    replicators: peers,
    matchIndex: keep(leadership.matchIndex),
    answeredRound: keep(leadership.answeredRound),
    sending: keep(leadership.sending),
    catchUp: keep(leadership.catchUp),
    heard: new Set([...leadership.heard].filter((id) => peers.includes(id))),
  };
}
