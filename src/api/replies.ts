/** Builds every answer the application makes, so that all of them carry the same headers. */
import type { NodeHandle } from "../actors/node-handle";
import type { RequestError } from "../errors";
import type { Revision } from "../types";
import { problemOf } from "./problem";

export interface ReplyFacts {
  /** The revision that the answer was taken at; the node's own where absent. */
  readonly revision?: Revision;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A body of any media type, and what else to say of it. */
export interface ReplyParts extends ReplyFacts {
  readonly type: string;
  readonly status?: number;
}

/**
 * Answers of one node. They are written as text by hand: this is the hot path, and a stored JSON
 * value goes out verbatim.
 */
export class Replies {
  constructor(private readonly node: NodeHandle) {}

  json(text: string, facts?: ReplyFacts): Response {
    return this.body(text, { type: "application/json", ...facts });
  }

  body(body: string | Uint8Array<ArrayBuffer> | Blob | null, parts: ReplyParts): Response {
    const headers = this.headers(parts.type, parts.revision);
    Object.assign(headers, parts.headers);
    return new Response(body, { status: parts.status ?? 200, headers });
  }

  /** `request` is asked for its method: a failed read has no outcome. */
  problem(error: RequestError, request: Request, facts?: ReplyFacts): Response {
    const { status, body, headers } = problemOf(error, request.method);
    const type = "application/problem+json";
    return this.body(body, { ...facts, type, status, headers: { ...headers, ...facts?.headers } });
  }

  private headers(type: string, revision: Revision | undefined): Record<string, string> {
    const vitals = this.node.vitals();
    const headers: Record<string, string> = {
      "Content-Type": type,
      // No cache may answer in the place of a linearizable read.
      "Cache-Control": "no-store",
      "X-Balsa-Node": `${vitals.id}`,
      "X-Balsa-Revision": `${revision ?? vitals.revision}`,
    };
    if (vitals.term > 0) headers["X-Balsa-Term"] = `${vitals.term}`;
    if (vitals.leaderId !== null) headers["X-Balsa-Leader"] = `${vitals.leaderId}`;
    return headers;
  }
}
