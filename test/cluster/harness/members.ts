/** What an operator does about who takes part, and what can be seen of it. */
import { expect } from "bun:test";
import type { Reply } from "./api-client";
import type { Cluster } from "./cluster";
import { eventually } from "./deadline";
import type { NodeProcess } from "./node-process";

export interface MemberBody {
  readonly id: number;
  readonly peer_address: string;
  readonly address: string | null;
  readonly state: "joining" | "learner" | "voter";
  readonly healthy: boolean;
}
export interface MembersBody {
  readonly leader_id: number | null;
  readonly committed: boolean;
  readonly members: readonly MemberBody[];
  readonly removed: readonly number[];
}
export interface RemovedBody {
  readonly id: number;
  readonly index: number;
  readonly committed?: false;
}

/** Generous: a loaded machine with two cores is slow. */
const JOIN_MS_MAX = 60_000;
const EXIT_MS_MAX = 15_000;
const TURN_MS_MAX = 20_000;

export const peerAddressOf = ({ options }: NodeProcess) => `127.0.0.1:${options.peerPort}`;

/** A request about members, through `via`. */
export const operate = <Body>(
  cluster: Cluster,
  via: NodeProcess,
  ...[method, path, options]: [string, string, { body?: object; timeoutMs?: number }?]
): Promise<Reply<Body>> =>
  cluster.ask(via, (client) => client.members<Body>(method, path, options));

/** Who takes part, as `via` has it. Errors: it does not say. */
export async function membersBy(cluster: Cluster, via: NodeProcess): Promise<MembersBody> {
  const reply = await operate<MembersBody>(cluster, via, "GET", "members");
  if (!reply.ok) throw new Error(`node ${via.id}: ${reply.code} ${reply.detail}`);
  return reply.body;
}

/** The ids of the voters, as `via` has it. */
export const votersBy = async (cluster: Cluster, via: NodeProcess): Promise<readonly number[]> =>
  (await membersBy(cluster, via)).members
    .filter(({ state }) => state === "voter")
    .map(({ id }) => id);

/** A change asked for until it is its turn: the leader has changes of its own. */
export async function change<Body>(
  cluster: Cluster,
  via: NodeProcess,
  ...asked: [string, string, { body?: object; timeoutMs?: number }?]
): Promise<Body> {
  const reply = await eventually(`${asked[0]} ${asked[1]}`, TURN_MS_MAX, async () => {
    const answer = await operate<Body>(cluster, via, ...asked);
    const mayAskAgain = !answer.ok && answer.status === 409 && answer.isRetryable;
    return mayAskAgain ? null : answer;
  });
  if (reply.ok) return reply.body;
  throw new Error(`node ${via.id}: ${reply.code} ${reply.detail}`);
}

/** Waits until `via` has `node` in this state. */
export const becomes = (
  cluster: Cluster,
  { node, via }: { node: NodeProcess; via: NodeProcess },
  state: MemberBody["state"],
) =>
  eventually(`node ${node.id} to be a ${state}`, JOIN_MS_MAX, async () => {
    const { members } = await membersBy(cluster, via);
    return members.some((member) => member.id === node.id && member.state === state) ? true : null;
  });

/** Adds and starts `node`, and waits until it is a voter; clients are told of it. */
export async function grow(cluster: Cluster, node: NodeProcess, via = cluster.inTurn()) {
  node.start();
  const body = { id: node.id, peer_address: peerAddressOf(node) };
  await change(cluster, via, "POST", "members", { body });
  await becomes(cluster, { node, via }, "voter");
  await cluster.writable([node]);
  cluster.admit(node);
}

/** Removes `node`, and waits for it to end as one that was removed does. */
export async function shrink(cluster: Cluster, node: NodeProcess, via = cluster.inTurn()) {
  await change<RemovedBody>(cluster, via, "DELETE", `members/${node.id}`);
  await expectFarewell(node);
  cluster.dismiss(node);
}

/** It ends by itself, with exit code 0 and one line for people that says why. */
export async function expectFarewell(node: NodeProcess): Promise<void> {
  expect(await node.exitCode(EXIT_MS_MAX)).toBe(0);
  const said = `balsa: node ${node.id} was removed from the cluster`;
  expect(node.log().split(said)).toHaveLength(2);
}
