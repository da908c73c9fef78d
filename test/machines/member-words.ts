/** Words for tests of membership: clusters, wishes and what becomes of them. */
import { expect } from "bun:test";
import type { ChangeRefusal } from "../../src/machines/raft/vocabulary";
import {
  type Configuration,
  type EntryDraft,
  logIndex,
  type MembershipChange,
  nodeId,
} from "../../src/types";
import { elect, MachineDriver, timing } from "./machine-driver";
import { accepted, diskOf, votersUpTo } from "./raft-words";

export const three = votersUpTo(3);
export const addressOf = (id: number) => `node-${id}:9080`;
export const learner = (id: number, { bound = true, stays = false } = {}) => ({
  id: nodeId(id),
  peerAddress: addressOf(id),
  diskId: bound ? diskOf(id) : null,
  stays,
});
export const withLearner: Configuration = { ...three, learners: [learner(4)] };
export const draft = (configuration: Configuration): EntryDraft => ({
  kind: "configuration",
  configuration,
});

export const adding = (id: number, peerAddress = addressOf(id)): MembershipChange => ({
  kind: "add",
  id: nodeId(id),
  peerAddress,
  stays: false,
});
export const removing = (id: number, force = false): MembershipChange => ({
  kind: "remove",
  id: nodeId(id),
  force,
});
export const promoting = (id: number): MembershipChange => ({ kind: "promote", id: nodeId(id) });
export const moving = (id: number, peerAddress: string): MembershipChange => ({
  kind: "move",
  id: nodeId(id),
  peerAddress,
});

/** Asks for a change while these are reachable. */
export const ask = (node: MachineDriver, change: MembershipChange, reachable = [1, 2, 3, 4, 5]) =>
  node.hear({
    type: "member.changeRequested",
    request: 7,
    change,
    reachable: reachable.map((id) => nodeId(id)),
  });
export const appended = (index: number) =>
  ({ type: "changeAppended", request: 7, index: logIndex(index) }) as const;

export function refusalOf(node: MachineDriver, change: MembershipChange, reachable?: number[]) {
  const { effects } = ask(node, change, reachable);
  const [effect] = effects;
  if (effects.length !== 1 || effect?.type !== "declineChange") throw new Error("it was made");
  return effect.refusal;
}
export const declined = (code: ChangeRefusal["code"], words: string) => ({
  code,
  detail: expect.stringContaining(words),
});

/** Leads term 1, whose first entry is committed. */
export function leaderOf(voters: Configuration, id = 1): MachineDriver {
  const node = new MachineDriver({ id, voters });
  elect(node);
  node.written(1);
  for (const peer of voters.voters) {
    if ((peer.id as number) !== id) node.receive(peer.id, accepted({ term: 1, match: 1 }));
  }
  return node;
}
/** One check of the quorum passes, with everyone heard. */
export function check(node: MachineDriver, match: Readonly<Record<number, number>>) {
  for (const [peer, index] of Object.entries(match)) {
    node.receive(Number(peer), accepted({ term: 1, match: index }));
  }
  return node.elapse(timing.electionTimeoutMs);
}
