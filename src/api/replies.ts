/** Builds every answer the application makes, so that all of them carry the same headers. */
import type { NodeHandle } from "../actors/node-handle";
import type { RequestError } from "../errors";
import type { NodeId, Revision, Term } from "../types";
import { type ProblemAnswer, problemOf } from "./problem";

export interface ReplyFacts {
  /** The revision that the answer was taken at; the node's own where absent. */
  readonly revision?: Revision;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What can be the body of an answer. */
type Body = string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> | null;

/** What else to say of a body. */
export interface ReplyParts extends ReplyFacts {
  readonly type: string;
  readonly status?: number;
}

const JSON_PARTS: ReplyParts = { type: "application/json" };

/**
 * Answers of one node. They are written as text by hand: this is the hot path, and a stored JSON
 * value goes out verbatim.
 */
export class Replies {
  /** Copied into every answer; naming six headers anew takes longer than all else of it. */
  private readonly common = new Headers({
    // No cache may answer in the place of a linearizable read.
    "Cache-Control": "no-store",
  });
  /** What `common` says of the leadership now. */
  private shown: { readonly term: Term; readonly leaderId: NodeId | null } | null = null;

  constructor(private readonly node: NodeHandle) {}

  json(text: string, facts: ReplyFacts = JSON_PARTS): Response {
    return this.write(text, JSON_PARTS, facts);
  }

  body(body: Body, parts: ReplyParts): Response {
    return this.write(body, parts, parts);
  }

  /** `request` is asked for its method: a failed read has no outcome. */
  problem(error: RequestError, request: Request, facts?: ReplyFacts): Response {
    return this.worded(problemOf(error, request.method), facts);
  }

  /** A problem that is worded already. */
  worded({ body, headers, status }: ProblemAnswer, facts?: ReplyFacts): Response {
    const parts = { type: "application/problem+json", status };
    return this.write(body, parts, { ...facts, headers: { ...headers, ...facts?.headers } });
  }

  private write(
    body: Body,
    { type, status }: ReplyParts,
    { revision, headers }: ReplyFacts,
  ): Response {
    const vitals = this.node.vitals();
    if (vitals.term !== this.shown?.term || vitals.leaderId !== this.shown.leaderId) {
      this.showLeadership(vitals);
    }
    if (this.node.leaving) this.common.set("Connection", "close");
    this.common.set("Content-Type", type);
    this.common.set("X-Balsa-Revision", `${revision ?? vitals.revision}`);
    const response = new Response(body, { status: status ?? 200, headers: this.common });
    if (headers === undefined) return response;
    for (const name in headers) response.headers.set(name, headers[name] ?? "");
    return response;
  }

  private showLeadership({ id, term, leaderId }: ReturnType<NodeHandle["vitals"]>): void {
    this.shown = { term, leaderId };
    this.common.set("X-Balsa-Node", `${id}`);
    this.common.delete("X-Balsa-Term");
    this.common.delete("X-Balsa-Leader");
    if (term > 0) this.common.set("X-Balsa-Term", `${term}`);
    if (leaderId !== null) this.common.set("X-Balsa-Leader", `${leaderId}`);
  }
}
