/**
 * What a call throws when it is not answered as asked: a `ClientError`, told apart by its `code`.
 * Codes of the API mean what they mean there; four more are the client's own.
 */

import type { Outcome, RequestErrorCode } from "../errors";
import type { Staleness } from "./answers";

/** What can go wrong before a node has answered, or with what it answered. */
type OwnErrorCode =
  /** No endpoint could be connected to: nothing has left this process. */
  | "unreachable"
  /** The request left, and the connection broke or the time was up. */
  | "no_answer"
  /** What answered speaks no Balsa, or a newer one. */
  | "unexpected_answer"
  /** The caller's own signal ended the call. */
  | "aborted";

export type ClientErrorCode = RequestErrorCode | OwnErrorCode;

/** What every error says. */
export interface ClientErrorFacts {
  /** What happened and to what, in one sentence. */
  readonly detail: string;
  /** What became of the write, all tries considered; null for reads. */
  readonly outcome: Outcome;
  /** Whether the same call may simply be made again. */
  readonly retryable: boolean;
  /** Who was asked last; null where nobody was. */
  readonly endpoint: string | null;
  /** The HTTP status of the last answer; null where there was none. */
  readonly status: number | null;
  /** With writes: under this key another call finds out, or finishes, what this one began. */
  readonly idempotencyKey?: string;
}

interface OwnFacts {
  /** How old that news may be. */
  readonly key_not_found: { readonly staleness: Staleness };
  /** The key's present revision, 0 where absent. */
  readonly precondition_failed: { readonly currentRevision: number };
  /** How long the node asks to be left alone. */
  readonly overloaded: { readonly retryAfterMs: number };
  /** In bytes; absent where the node hung up before it had looked. */
  readonly too_large: { readonly limit?: number; readonly actual?: number };
}
type FactsOf<Code extends ClientErrorCode> = ClientErrorFacts &
  (Code extends keyof OwnFacts ? OwnFacts[Code] : unknown);

/** One kind of failure. `ClientError` is the union of them all. */
export class BalsaError<Code extends ClientErrorCode> extends Error {
  override readonly name = "BalsaError";
  constructor(
    readonly code: Code,
    readonly facts: FactsOf<Code>,
  ) {
    super(facts.detail);
  }
}

/** Everything that a call throws: `switch (error.code)` narrows the facts. */
export type ClientError = { [Code in ClientErrorCode]: BalsaError<Code> }[ClientErrorCode];

/** Whether `error` came out of a call; with `code`, whether it is that one. */
export function isClientError(error: unknown): error is ClientError;
export function isClientError<Code extends ClientErrorCode>(
  error: unknown,
  code: Code,
): error is Extract<ClientError, { readonly code: Code }>;
export function isClientError(error: unknown, code?: ClientErrorCode): boolean {
  return error instanceof BalsaError && (code === undefined || error.code === code);
}
