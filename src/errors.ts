/**
 * Operating errors: things that happen to a correct program. Each is typed, carries its facts and
 * says whether a retry is safe. Only `api/problem.ts` knows what HTTP makes of them.
 */
import type { Revision } from "./types";

/** What became of a write: an answer is one of these, never a guess. null for reads. */
export type Outcome = "applied" | "not_applied" | "unknown" | null;

export type RequestErrorCode =
  | "invalid_request"
  | "forbidden_origin"
  | "key_not_found"
  | "not_found"
  | "method_not_allowed"
  | "compacted"
  | "precondition_failed"
  | "too_large"
  | "idempotency_mismatch"
  | "membership_conflict"
  | "overloaded"
  | "no_leader"
  | "shutting_down"
  | "outcome_unknown"
  | "timeout"
  | "out_of_space"
  | "internal";

export interface RequestErrorFacts {
  /** What happened and to what, in one sentence. */
  readonly detail: string;
  readonly outcome: Outcome;
  /** Whether the same request may simply be sent again, now or a little later. */
  readonly retryable: boolean;
  /** With `precondition_failed`: the key's present revision, 0 where absent. */
  readonly currentRevision?: Revision;
  /** With `too_large`, in bytes. */
  readonly limit?: number;
  readonly actual?: number;
  /** With `method_not_allowed`. */
  readonly allow?: string;
  /** With `overloaded`, in whole seconds. */
  readonly retryAfterSeconds?: number;
}

/** A request that cannot be answered as asked. Travels between nodes by its code and facts. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  constructor(
    readonly code: RequestErrorCode,
    readonly facts: RequestErrorFacts,
  ) {
    super(facts.detail);
  }
}

export const noLeader = (detail: string, outcome: Outcome = "not_applied") =>
  new RequestError("no_leader", { detail, outcome, retryable: true });
export const shuttingDown = (outcome: Outcome = "not_applied") =>
  new RequestError("shutting_down", {
    detail: "this node is shutting down; ask another",
    outcome,
    retryable: true,
  });
export const outcomeUnknown = (detail: string) =>
  new RequestError("outcome_unknown", { detail, outcome: "unknown", retryable: false });
export const timedOut = (detail: string, outcome: Outcome) =>
  new RequestError("timeout", { detail, outcome, retryable: outcome !== "unknown" });
export const overloaded = (detail: string, outcome: Outcome = "not_applied") =>
  new RequestError("overloaded", {
    detail,
    outcome,
    retryable: true,
    retryAfterSeconds: 1,
  });
export const outOfSpace = (detail: string) =>
  new RequestError("out_of_space", { detail, outcome: "not_applied", retryable: false });
export const membershipConflict = (detail: string, retryable = false) =>
  new RequestError("membership_conflict", { detail, outcome: "not_applied", retryable });
export const notFound = (detail: string) =>
  new RequestError("not_found", { detail, outcome: "not_applied", retryable: false });
export const compacted = (detail: string) =>
  new RequestError("compacted", { detail, outcome: null, retryable: false });

export type StartupErrorCode =
  | "bad_flag"
  | "data_unreadable"
  | "data_locked"
  | "disk_full"
  | "wrong_node"
  | "wrong_cluster"
  | "wiped"
  | "port_in_use";

/** The node cannot start as asked: one line saying what and how to mend it, exit code 2. */
export class StartupError extends Error {
  override readonly name = "StartupError";
  constructor(
    readonly code: StartupErrorCode,
    message: string,
  ) {
    super(message);
  }
}

export type FatalErrorCode =
  | "fsync_failed"
  | "write_failed"
  | "log_corrupted"
  | "hard_state_corrupted"
  | "snapshot_corrupted"
  | "identity_corrupted"
  | "machine_failed";

export interface FatalErrorFacts {
  readonly file?: string;
  /** Bytes from the start of `file`. */
  readonly offset?: number;
  /** What the operator should do now. */
  readonly nextStep: string;
  readonly cause?: unknown;
}

/** A fault that must stop the node: better silent than wrong. One line, exit code 1. */
export class FatalError extends Error {
  override readonly name = "FatalError";
  constructor(
    readonly code: FatalErrorCode,
    message: string,
    readonly facts: FatalErrorFacts,
  ) {
    super(message, { cause: facts.cause });
  }
}
