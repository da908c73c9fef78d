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
    if (timeoutMs === null) return null;
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

const KEY_PATH = "/v1/kv/";

/** null where none would take it: whoever asks in vain is told so, and not to ask again. */
function routeOfWrite(method: string, url: string): string | null {
  const path = pathOf(url);
  if (method === "POST") return path === "/set" ? "/set" : null;
  if ((method !== "PUT" && method !== "DELETE") || !path.startsWith(KEY_PATH)) return null;
  const isOneSegment = path.length > KEY_PATH.length && !path.includes("/", KEY_PATH.length);
  return isOneSegment ? "/v1/kv/:key" : null;
}

/** How long it may take; null where the query says more, which its route refuses. */
function timeoutOf(url: string): number | null {
  const start = url.indexOf("?");
  if (start < 0) return readTimeoutMs(undefined);
  const query = new URLSearchParams(url.slice(start));
  for (const name of query.keys()) if (name !== "timeout") return null;
  return readTimeoutMs(query.get("timeout") ?? undefined);
}
