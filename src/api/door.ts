/** Where a write is turned away that the node has no room for: before anything of it is read. */
import type { NodeHandle } from "../actors/node-handle";
import { readTimeoutMs } from "./queries";
import type { Replies } from "./replies";
import { pathOf } from "./unrouted";

export interface TurnedAway {
  /** The pattern of the route that would have taken it. */
  readonly route: string;
  /** The refusal, when it is its turn. */
  readonly answer: Promise<Response>;
}

/**
 * A refusal costs as much as a write where body, JSON and command have been read for it. The node
 * refuses such a write all the same: what is asked here is a favour to the loop, not the bound.
 */
export class Door {
  constructor(
    private readonly node: NodeHandle,
    private readonly replies: Replies,
  ) {}

  /** Null for all that may enter. **Errors**: `invalid_request`, of a timeout that is none. */
  turnAway(request: Request): TurnedAway | null {
    const { writeRefusal: refusal } = this.node;
    if (refusal === null) return null;
    const route = routeOfWrite(request);
    if (route === null) return null;
    const turn = this.node.refusalTurn(timeoutOf(request.url));
    return { route, answer: turn.then(() => this.replies.problem(refusal, request)) };
  }
}

function routeOfWrite({ method, url }: Request): string | null {
  if (method === "POST") return pathOf(url) === "/set" ? "/set" : null;
  const isOfKey = (method === "PUT" || method === "DELETE") && pathOf(url).startsWith("/v1/kv/");
  return isOfKey ? "/v1/kv/:key" : null;
}

function timeoutOf(url: string): number {
  const start = url.indexOf("?");
  const asked = start < 0 ? null : new URLSearchParams(url.slice(start)).get("timeout");
  return readTimeoutMs(asked ?? undefined);
}
