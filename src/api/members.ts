/** Who takes part: what requests say of it, and answers. */
import type { MemberStatus, Members } from "../actors/node-handle";
import { membershipConflict, notFound } from "../errors";
import type { Address, MembershipChange, NodeId } from "../types";
import { readReachableAddress } from "./addresses";
import { invalidRequest } from "./refusals";

/** **Errors**: `invalid_request`. */
export function readPeerAddress(text: string): Address {
  const read = readReachableAddress(text);
  if (typeof read === "string") {
    throw invalidRequest(`peer_address ${JSON.stringify(text)} ${read}`);
  }
  return read.address;
}

/** What `PUT` may say of a member. */
export interface WantedMember {
  readonly peer_address?: string;
  readonly learner?: boolean;
}
export type WantedChange = Extract<MembershipChange, { kind: "move" | "promote" }>;

/**
 * The one change that is wanted; null for "be a learner", which nobody becomes. Two would be two
 * entries, and a failure of the second would have no honest outcome. **Errors**: `invalid_request`.
 */
export function changeWanted(id: NodeId, wanted: WantedMember): WantedChange | null {
  const { learner, peer_address: address } = wanted;
  if ((address === undefined) === (learner === undefined)) {
    throw invalidRequest("one change at a time: the body has either peer_address or learner");
  }
  if (address !== undefined) return { kind: "move", id, peerAddress: readPeerAddress(address) };
  return learner ? null : { kind: "promote", id };
}

/** Nothing to do for one that stays a learner. **Errors**: `membership_conflict` for all others. */
export function assertStaysLearner({ id, state, stays }: MemberStatus): void {
  if (stays) return;
  const reason =
    state === "voter"
      ? "is a voter, and a voter cannot be demoted"
      : "was added to be promoted once it keeps up";
  const remedy = "remove it and add a new node with learner=true";
  throw membershipConflict(`node ${id} ${reason}: ${remedy}`);
}

/** **Errors**: `not_found`. */
export function memberOf({ members, removed }: Members, id: NodeId): MemberStatus {
  const member = members.find((other) => other.id === id);
  if (member) return member;
  throw notFound(`node ${id} ${removed.includes(id) ? "was removed" : "is not a member"}`);
}

export const membersJson = (view: Members): string =>
  JSON.stringify({
    cluster_id: view.clusterId,
    leader_id: view.leaderId,
    index: view.index,
    committed: view.isCommitted,
    members: view.members.map(wireOf),
    removed: view.removed,
    founders: view.founders.map(({ id, peerAddress }) => ({ id, peer_address: peerAddress })),
  });

export const memberJson = (member: MemberStatus): string => JSON.stringify(wireOf(member));

const wireOf = (member: MemberStatus) => ({
  id: member.id,
  peer_address: member.peerAddress,
  address: member.apiAddress,
  state: member.state,
  voter: member.state === "voter",
  stays_learner: member.stays,
  healthy: member.healthy,
  last_log_index: member.lastLogIndex,
});
