/** Where a write is turned away that the node has no room for: before anything of it is read. */
import type { NodeHandle } from "../actors/node-handle";
import type { RequestError } from "../errors";
import { type ProblemAnswer, problemOf } from "./problem";
import { readTimeoutMs } from "./queries";
import type { Replies } from "./replies";
import { pathOf } from "./unrouted";

/** What is kept of a request while its refusal waits: little, for there may be thousands. */
export interface Refused {
  readonly method: string;
  /** The pattern of the route that would have taken it. */
  readonly route: string;
}

/**
 * A refusal costs as much as a write where body, JSON and command have been read for it. The node
 * refuses such a write all the same: what is asked here is a favour to the loop, not the bound.
 */
export class Door {
  /** The words of the last refusal, which are nearly always those of the next one. */
  private worded: { readonly error: RequestError; readonly problem: ProblemAnswer } | null = null;

  constructor(
    private readonly node: NodeHandle,
    private readonly replies: Replies,
  ) {}

  /**
   * The refusal when it is its turn, as `finish` leaves it; null for all that may enter.
   * **Errors**: `invalid_request`, of a timeout that is none.
   */
  turnAway(
    { method, url }: Request,
    finish: (refused: Refused, answer: Response) => Response,
  ): Promise<Response> | null {
    const error = this.node.writeRefusal;
    if (error === null) return null;
    const route = routeOfWrite(method, url);
    if (route === null) return null;
    const timeoutMs = timeoutOf(url);
    return new Promise((resolve) => {
      this.node.queueRefusal(timeoutMs, () => {
        resolve(finish({ method, route }, this.replies.worded(this.problemOf(error))));
      });
    });
  }

  private problemOf(error: RequestError): ProblemAnswer {
    if (this.worded?.error !== error) this.worded = { error, problem: problemOf(error, "POST") };
    return this.worded.problem;
  }
}

function routeOfWrite(method: string, url: string): string | null {
  if (method === "POST") return pathOf(url) === "/set" ? "/set" : null;
  const isOfKey = (method === "PUT" || method === "DELETE") && pathOf(url).startsWith("/v1/kv/");
  return isOfKey ? "/v1/kv/:key" : null;
}

function timeoutOf(url: string): number {
  const start = url.indexOf("?");
  const asked = start < 0 ? null : new URLSearchParams(url.slice(start)).get("timeout");
  return readTimeoutMs(asked ?? undefined);
}
