/** Reads off a try that failed which error it is. */
import type { Outcome, RequestErrorCode } from "../errors";
import type { Staleness } from "./answers";
import { BalsaError, type ClientError, type ClientErrorCode } from "./errors";
import { stalenessOf } from "./staleness";

/** Whose try it was, for the words of its failure. */
export interface Tried {
  readonly endpoint: string;
  /** A failed read has no outcome, and may be asked again. */
  readonly isRead: boolean;
  readonly idempotencyKey: string | null;
}

/**
 * Every code of the API: one that is missing here, or too many, is a type error. The codec has such
 * a list, too; this one is the client's own, for its bundle brings nothing of the server.
 */
const CODES: Readonly<Record<RequestErrorCode, true>> = {
  invalid_request: true,
  forbidden_origin: true,
  key_not_found: true,
  not_found: true,
  method_not_allowed: true,
  compacted: true,
  precondition_failed: true,
  too_large: true,
  idempotency_mismatch: true,
  membership_conflict: true,
  overloaded: true,
  no_leader: true,
  shutting_down: true,
  outcome_unknown: true,
  timeout: true,
  out_of_space: true,
  internal: true,
};
const isKnown = (code: string): code is RequestErrorCode => Object.hasOwn(CODES, code);

/** What is particular to one failure. */
interface Particulars {
  readonly detail: string;
  readonly outcome: Outcome;
  readonly retryable: boolean;
  readonly status?: number;
  readonly currentRevision?: number;
  readonly retryAfterMs?: number;
  readonly staleness?: Staleness;
  readonly limit?: number;
  readonly actual?: number;
}

/** The one place that builds an error, so that each has its facts. */
export function fault(code: ClientErrorCode, tried: Tried, particulars: Particulars): ClientError {
  const { currentRevision = 0, retryAfterMs = 0, staleness = null, ...rest } = particulars;
  const { endpoint, idempotencyKey, isRead } = tried;
  const facts = {
    status: null,
    ...rest,
    outcome: isRead ? null : particulars.outcome,
    endpoint,
    ...(idempotencyKey !== null && { idempotencyKey }),
  };
  switch (code) {
    case "key_not_found":
      return new BalsaError(code, { ...facts, staleness });
    case "precondition_failed":
      return new BalsaError(code, { ...facts, currentRevision });
    case "overloaded":
      return new BalsaError(code, { ...facts, retryAfterMs });
    default:
      return new BalsaError(code, facts) as ClientError;
  }
}

/** It left, and nothing came back. */
export function noAnswer(tried: Tried, reason: string): ClientError {
  const detail = `no answer from ${tried.endpoint}: ${reason}`;
  return fault("no_answer", tried, { detail, outcome: "unknown", retryable: tried.isRead });
}

/** What the failures of connecting are called, by Bun and by Node: no byte has left. */
const NOT_SENT: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "no such host for now",
  EHOSTUNREACH: "no way to the host",
  ENETUNREACH: "no way to the network",
};

/** A connection that broke, in plain words. */
const BROKEN: Readonly<Record<string, string>> = {
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  ETIMEDOUT: "the connection timed out",
};

/** What `fetch` threw, or reading what it answered. */
export function faultOfThrown(thrown: unknown, tried: Tried): ClientError {
  if (thrown instanceof SyntaxError) return unexpected(tried, 200, "what it says is no JSON");
  const reason = NOT_SENT[codeOf(thrown)];
  if (reason === undefined) return noAnswer(tried, reasonOf(thrown));
  const detail = `${tried.endpoint} (${reason})`;
  return fault("unreachable", tried, { detail, outcome: "not_applied", retryable: true });
}

/** Why a connection ended, in a few words. */
export const reasonOf = (thrown: unknown): string =>
  BROKEN[codeOf(thrown)] ?? (thrown instanceof Error ? thrown.message : String(thrown));

/** Bun names the failure itself, Node its cause; empty where neither does. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "";
  if ("code" in thrown && typeof thrown.code === "string") return thrown.code;
  return codeOf(thrown.cause);
}

/** What an answer that is no success says. */
export function faultOfAnswer(response: Response, body: unknown, tried: Tried): ClientError {
  const { status } = response;
  const problem = problemIn(body);
  if (problem !== null) {
    const retryAfterMs = retryAfterOf(response);
    const staleness = stalenessOf(response);
    const { code, ...particulars } = { ...problem, status, retryAfterMs, staleness };
    if (isKnown(code)) return fault(code, tried, particulars);
    const detail = `${tried.endpoint} answered ${code}: ${particulars.detail}`;
    return fault("unexpected_answer", tried, { ...particulars, detail });
  }
  // Bun hangs up on a body beyond all measure before the application has seen it.
  if (status === 413) {
    const detail = `the request is larger than ${tried.endpoint} reads at all`;
    return fault("too_large", tried, { detail, outcome: "not_applied", retryable: false, status });
  }
  return unexpected(tried, status, `status ${status} without a problem that says why`);
}

/** Nodes say it in seconds; what stands between may say a date, which is as good as nothing. */
function retryAfterOf({ headers }: Response): number {
  const seconds = Number(headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) ? Math.max(0, 1_000 * seconds) : 0;
}

/** Another endpoint may be the right one: a read goes on there. */
function unexpected(tried: Tried, status: number, what: string): ClientError {
  const detail = `${tried.endpoint} does not answer as a node does: ${what}`;
  const retryable = tried.isRead;
  return fault("unexpected_answer", tried, { detail, outcome: "unknown", retryable, status });
}

/** The problem of RFC 9457 in `body`; null where there is none. */
function problemIn(body: unknown): (Particulars & { readonly code: string }) | null {
  if (typeof body !== "object" || body === null) return null;
  const { code, detail, outcome, retryable, ...more } = body as Readonly<Record<string, unknown>>;
  if (typeof code !== "string" || typeof detail !== "string") return null;
  const numbers = {
    currentRevision: more.current_revision,
    limit: more.limit,
    actual: more.actual,
  };
  return {
    code,
    detail,
    retryable: retryable === true,
    outcome: outcome === "applied" || outcome === "not_applied" ? outcome : "unknown",
    ...Object.fromEntries(Object.entries(numbers).filter(([, said]) => typeof said === "number")),
  };
}
