/** The one place that knows what HTTP makes of an error: a status and an RFC 9457 problem. */
import { RequestError, type RequestErrorCode } from "../errors";
import { DETAIL_LENGTH_MAX } from "./limits";
import { invalidRequest } from "./refusals";

interface Kind {
  readonly status: number;
  readonly title: string;
}
const KINDS: Readonly<Record<RequestErrorCode, Kind>> = {
  invalid_request: { status: 400, title: "The request is not understood" },
  forbidden_origin: { status: 403, title: "Foreign Origin or Host" },
  key_not_found: { status: 404, title: "No such key" },
  not_found: { status: 404, title: "Nothing there" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  compacted: { status: 410, title: "Compacted away" },
  precondition_failed: { status: 412, title: "The condition does not hold" },
  too_large: { status: 413, title: "Too large" },
  membership_conflict: { status: 409, title: "Membership conflict" },
  idempotency_mismatch: { status: 422, title: "Idempotency key used for another request" },
  overloaded: { status: 429, title: "Overloaded" },
  internal: { status: 500, title: "Internal error" },
  no_leader: { status: 503, title: "No leader" },
  shutting_down: { status: 503, title: "Shutting down" },
  outcome_unknown: { status: 504, title: "Outcome unknown" },
  timeout: { status: 504, title: "Timed out" },
  out_of_space: { status: 507, title: "Out of space" },
};

/** An answer that is a problem, before it is a `Response`. */
export interface ProblemAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Methods that change nothing: a failure of one has no outcome. */
const isRead = (method: string): boolean => ["GET", "HEAD", "OPTIONS"].includes(method);

/** The problem that `error` is to a request of this method. */
export function problemOf(error: RequestError, method: string): ProblemAnswer {
  const { code, facts } = error;
  const { status, title } = KINDS[code];
  const body = {
    type: `urn:balsa:problem:${code}`,
    title,
    status,
    detail: shorten(facts.detail),
    code,
    retryable: facts.retryable,
    outcome: isRead(method) ? null : facts.outcome,
    current_revision: facts.currentRevision,
    limit: facts.limit,
    actual: facts.actual,
  };
  const headers: Record<string, string> = {};
  if (facts.allow !== undefined) headers.Allow = facts.allow;
  if (facts.retryAfterSeconds !== undefined) headers["Retry-After"] = `${facts.retryAfterSeconds}`;
  return { status, body: JSON.stringify(body), headers };
}

function shorten(detail: string): string {
  if (detail.length <= DETAIL_LENGTH_MAX) return detail;
  return `${detail.slice(0, DETAIL_LENGTH_MAX).toWellFormed()}…`;
}

/** An error that is no operating error: said without its text, which may hold anything. */
export const internalError = (): RequestError =>
  new RequestError("internal", {
    detail: "this node met an error of its own; its log says more",
    outcome: "unknown",
    retryable: false,
  });

/** The part of Elysia's ValidationError that says what was wrong. */
interface ValidationFault {
  readonly type: string;
  readonly valueError?: { readonly path?: string; readonly message?: string } | undefined;
  /** What the schema itself says when it refuses. */
  readonly customError?: unknown;
}

/** Names the part of the request that a schema refused. */
export function invalidPart(fault: ValidationFault): RequestError {
  if (typeof fault.customError === "string") return invalidRequest(fault.customError);
  const { path = "", message = "not what is expected" } = fault.valueError ?? {};
  const part = path === "" ? fault.type : `${fault.type} ${path.slice(1)}`;
  return invalidRequest(`${part}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`);
}

/** The operating error inside `error`, however the router has wrapped it; else null. */
export function requestErrorIn(error: unknown): RequestError | null {
  if (error instanceof RequestError) return error;
  return error instanceof Error && error.cause instanceof RequestError ? error.cause : null;
}
