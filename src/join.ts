/** How a node that is being added learns of its cluster: from the API of any member. */
import { Value } from "@sinclair/typebox/value";
import type { Logger } from "./actors/logger";
import { MembersAnswer, type Problem } from "./api/schemas";
import { StartupError } from "./errors";
import {
  type Address,
  type ClusterId,
  type Configuration,
  clusterId,
  foundedBy,
  type NodeId,
  nodeId,
} from "./types";

/** Between two rounds of asking. Units: ms. */
const ASK_AGAIN_MS = 1000;
/** A member that has not answered by then does not answer. Units: ms. */
const ANSWER_MS = 3000;

/** What a blank node must know to take part. */
export interface Entrance {
  readonly clusterId: ClusterId;
  /** The configuration that the log begins with; this node is not among them. */
  readonly founders: Configuration;
  /** Where the others will look for it. */
  readonly peerAddress: Address;
}

type MembersView = typeof MembersAnswer.static;

export interface JoinOptions {
  readonly nodeId: NodeId;
  /** API addresses of members, asked in this order. */
  readonly addresses: readonly Address[];
  readonly logger: Logger;
  /** Asks a member who takes part. Errors: any, in words for people. */
  ask(address: Address): Promise<MembersView>;
  pause(delayMs: number): Promise<void>;
}

/**
 * Asks until this node is a member. Errors: `StartupError` `bad_flag` for an id that was removed,
 * `wiped` for one that has taken part already: this node is blank.
 */
export async function askForEntrance(options: JoinOptions): Promise<Entrance> {
  let told = "";
  for (;;) {
    const reasons: string[] = [];
    for (const address of options.addresses) {
      const answer = await enterBy(address, options);
      if (typeof answer !== "string") return answer;
      reasons.push(answer);
    }
    const reason = reasons.join("; ");
    if (reason !== told) options.logger("warn", `waiting to join: ${reason}`);
    told = reason;
    await options.pause(ASK_AGAIN_MS);
  }
}

/** The entrance as the member at `address` has it, or why there is none yet. */
async function enterBy(address: Address, options: JoinOptions): Promise<Entrance | string> {
  let view: MembersView;
  try {
    view = await options.ask(address);
  } catch (error) {
    return `${address} does not answer (${reasonOf(error)})`;
  }
  return entranceIn(view, options.nodeId) ?? addIt(address, options.nodeId);
}

/** The code of a failed connection says it best; all else has a message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

const addIt = (address: Address, id: NodeId): string =>
  `node ${id} is not a member yet, add it: POST http://${address}/v1/cluster/members ` +
  `{"id":${id},"peer_address":"host:port of its peer port"}`;

function entranceIn(view: MembersView, id: NodeId): Entrance | null {
  if (view.committed && view.removed.includes(id)) {
    throw new StartupError(
      "bad_flag",
      `--id ${id} was removed from the cluster, and an id is never used again: add this node ` +
        "under a new one",
    );
  }
  const member = view.members.find((other) => other.id === id);
  if (member === undefined) return null;
  if (member.state !== "joining") {
    throw new StartupError(
      "wiped",
      `node ${id} has taken part already, and this data directory is blank: start it with its ` +
        "own (a founder that never ran: with --cluster), or remove it and add a new node under " +
        "a new id",
    );
  }
  const founders = view.founders.map((founder) => ({
    id: nodeId(founder.id),
    peerAddress: founder.peer_address,
    diskId: null,
  }));
  return {
    clusterId: clusterId(view.cluster_id),
    founders: foundedBy(founders),
    peerAddress: member.peer_address,
  };
}

/** Asks a member over HTTP. Errors: what went wrong, in one line. */
export async function askMembers(address: Address): Promise<MembersView> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const response = await fetch(`http://${address}/v1/cluster/members`, { signal });
  const body: unknown = await response.json().catch(() => null);
  // A later version may tell more.
  const known: unknown = Value.Clean(MembersAnswer, structuredClone(body));
  if (response.ok && Value.Check(MembersAnswer, known)) return known;
  throw new Error(`it answers ${response.status}${detailOf(body)}`);
}

/** What a problem says; nothing of what is none. */
function detailOf(body: unknown): string {
  const { detail }: Partial<typeof Problem.static> = typeof body === "object" && body ? body : {};
  return typeof detail === "string" ? `: ${detail}` : ", which is no list of members";
}
