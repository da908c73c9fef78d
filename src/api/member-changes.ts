/** Changes of membership on their way through the node, and the words of their answers. */
import type { MemberStatus, Members, NodeHandle } from "../actors/node-handle";
import { type LogIndex, type NodeId, nodeId } from "../types";
import {
  assertStaysLearner,
  changeWanted,
  memberJson,
  memberOf,
  readPeerAddress,
  type WantedMember,
} from "./members";
import { readTimeoutMs } from "./queries";
import type { Replies } from "./replies";

interface ChangeParts {
  readonly node: NodeHandle;
  readonly replies: Replies;
  /** A monotonic clock in ms. */
  readonly nowMs: () => number;
}
interface Timed {
  readonly timeout?: string | undefined;
}

/** Enough for what a node knows without asking others. Units: ms. */
const LOOK_MS = 1;

/** Changes who takes part through `node`. Every method's **Errors**: `RequestError`. */
export class MemberChanges {
  constructor(private readonly parts: ChangeParts) {}

  async add(
    wanted: { readonly id: number; readonly peer_address: string },
    query: Timed & { readonly learner?: boolean | undefined; readonly wait?: boolean | undefined },
  ): Promise<Response> {
    const { node, replies } = this.parts;
    const id = nodeId(wanted.id);
    const peerAddress = readPeerAddress(wanted.peer_address);
    const stays = query.learner === true;
    const timeLeftMs = this.timer(readTimeoutMs(query.timeout));
    const change = { kind: "add", id, peerAddress, stays } as const;
    const { index } = await node.changeMembers(change, timeLeftMs());
    const isSettled = query.wait === true && (await node.memberSettled(id, timeLeftMs()));
    const newcomer: MemberStatus = {
      id,
      peerAddress,
      apiAddress: null,
      state: "joining",
      stays,
      healthy: false,
      lastLogIndex: null,
    };
    const member = memberAfter(index, await node.members(timeLeftMs()), newcomer);
    return replies.body(memberJson(member), {
      type: "application/json",
      status: isSettled ? 200 : 202,
      headers: { Location: `/v1/cluster/members/${id}` },
    });
  }

  async change(id: NodeId, wanted: WantedMember, timeoutMs: number): Promise<Response> {
    const { node, replies } = this.parts;
    const timeLeftMs = this.timer(timeoutMs);
    const change = changeWanted(id, wanted);
    const before = memberOf(await node.members(LOOK_MS), id);
    if (change === null) {
      assertStaysLearner(before);
      return replies.json(memberJson(before));
    }
    const { index } = await node.changeMembers(change, timeLeftMs());
    const told: MemberStatus =
      change.kind === "move"
        ? { ...before, peerAddress: change.peerAddress }
        : { ...before, state: "voter" };
    const member = memberAfter(index, await node.members(timeLeftMs()), told);
    return replies.json(memberJson(member));
  }

  async remove(
    id: NodeId,
    query: Timed & { readonly force?: boolean | undefined },
  ): Promise<Response> {
    const { node, replies } = this.parts;
    const change = { kind: "remove", id, force: query.force === true } as const;
    const { index, isPending } = await node.changeMembers(change, readTimeoutMs(query.timeout));
    return replies.body(
      JSON.stringify({ id, removed: true, index, ...(isPending && { committed: false }) }),
      { type: "application/json", status: isPending ? 202 : 200 },
    );
  }

  /** What is left of the time from now on; at least a little, for what is done is to be told. */
  private timer(timeoutMs: number): () => number {
    const endsAtMs = this.parts.nowMs() + timeoutMs;
    return () => Math.max(1, endsAtMs - this.parts.nowMs());
  }
}

/**
 * The member after the change at `index`, as this node knows it; `told` where its own log does not
 * reach that far yet.
 */
function memberAfter(index: LogIndex, view: Members, told: MemberStatus): MemberStatus {
  const known = view.members.find(({ id }) => id === told.id);
  return view.index >= index && known ? known : told;
}
