/** Membership in a list: what an API can see of it, without any Raft. */
import type { ChangeAnswer, MemberStatus, Members } from "../../src/actors/node-handle";
import { membershipConflict, notFound } from "../../src/errors";
import {
  type Address,
  clusterId,
  logIndex,
  type MembershipChange,
  type NodeId,
  nodeId,
} from "../../src/types";

const founder = (number: number): MemberStatus => ({
  id: nodeId(number),
  peerAddress: `127.0.0.1:908${number}`,
  apiAddress: number === 3 ? null : `127.0.0.1:808${number}`,
  state: "voter",
  stays: false,
  healthy: number !== 3,
  lastLogIndex: number === 3 ? null : logIndex(10),
});

/** Three founders, of whom the third is not reachable. */
export class MapMembers {
  private current: readonly MemberStatus[] = [1, 2, 3].map(founder);
  private removed: readonly NodeId[] = [];
  private index = 0;
  /** What this node's own log has, while it lags. */
  private seen: Members | null = null;
  /** Every change that was asked for, with the time it was given. */
  readonly asked: { readonly change: MembershipChange; readonly timeoutMs: number }[] = [];
  /** How long each wait for a newcomer was to be. */
  readonly waits: number[] = [];
  /** Whether a newcomer gets ready while somebody waits for it. */
  settles = false;
  /** Called when a change is asked for: time passes meanwhile. */
  onChange: () => void = () => {};

  view(leaderKnown: boolean, timeoutMs: number): Members {
    if (timeoutMs <= 0) throw new Error("a wait takes time");
    return (
      this.seen ?? {
        clusterId: clusterId("c0ffee"),
        leaderId: leaderKnown ? nodeId(2) : null,
        index: logIndex(this.index),
        isCommitted: true,
        members: this.current,
        removed: this.removed,
        founders: [1, 2, 3].map(founder).map(({ id, peerAddress }) => ({ id, peerAddress })),
      }
    );
  }

  /** From now on this node hears of nothing more. */
  lag(): void {
    this.seen = this.view(true, 1);
  }

  change(change: MembershipChange, timeoutMs: number): ChangeAnswer {
    this.asked.push({ change, timeoutMs });
    const isPending = this.apply(change);
    this.onChange();
    return { index: logIndex(++this.index), isPending };
  }

  settled(id: NodeId, timeoutMs: number): boolean {
    this.waits.push(timeoutMs);
    if (!this.settles) return false;
    const { stays } = this.find(id);
    this.update(id, { state: stays ? "learner" : "voter", healthy: true });
    return true;
  }

  successor(to: NodeId | null): NodeId {
    if (to === null) return nodeId(1);
    if (this.find(to).state === "voter") return to;
    throw membershipConflict(`node ${to} is a learner, and only voters lead`);
  }

  private apply(change: MembershipChange): boolean {
    switch (change.kind) {
      case "add":
        this.add(change);
        return false;
      case "remove":
        return this.remove(change);
      case "move":
        this.find(change.id);
        this.assertFree(change.peerAddress);
        this.update(change.id, { peerAddress: change.peerAddress });
        return false;
      case "promote":
        if (this.find(change.id).state !== "learner") {
          throw membershipConflict(`node ${change.id} lags: it holds 0 of 10 entries`);
        }
        this.update(change.id, { state: "voter" });
        return false;
    }
  }

  private add({ id, peerAddress, stays }: Extract<MembershipChange, { kind: "add" }>): void {
    if (this.current.some((member) => member.id === id)) {
      throw membershipConflict(`node ${id} is a member already`);
    }
    this.assertFree(peerAddress);
    const blank = { apiAddress: null, healthy: false, lastLogIndex: null };
    this.current = [...this.current, { id, peerAddress, state: "joining", stays, ...blank }];
  }

  /** Whether it waits for others: two of those who are left must be reachable. */
  private remove({ id, force }: Extract<MembershipChange, { kind: "remove" }>): boolean {
    this.find(id);
    const left = this.current.filter((member) => member.id !== id);
    const isPending = left.filter(({ healthy }) => healthy).length < 2;
    if (isPending && !force) {
      throw membershipConflict(
        `without node ${id} there are 2 voters: 2 needed, 1 reachable; with force=true it is ` +
          "removed all the same",
      );
    }
    this.current = left;
    this.removed = [...this.removed, id];
    return isPending;
  }

  private find(id: NodeId): MemberStatus {
    const member = this.current.find((other) => other.id === id);
    if (member) return member;
    throw notFound(`node ${id} is not a member`);
  }

  private update(id: NodeId, changed: Partial<MemberStatus>): void {
    this.current = this.current.map((other) =>
      other.id === id ? { ...other, ...changed } : other,
    );
  }

  private assertFree(address: Address): void {
    const owner = this.current.find(({ peerAddress }) => peerAddress === address);
    if (owner) throw membershipConflict(`${address} is the peer address of node ${owner.id}`);
  }
}
