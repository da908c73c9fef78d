/** What a call is: what it asks, when it may be asked again, and what it comes to. */
import type { TypedApi } from "./answers";

/** What every call takes. */
export interface CallOptions {
  /** How long all its tries may take together. Units: ms. */
  readonly timeoutMs?: number;
  /** Ends the call with `aborted`. */
  readonly signal?: AbortSignal;
}

/**
 * When a call is made again: a `read` whenever that may help; a `repeatable` one, too, for a second
 * time changes nothing; one that is to happen `once` only where it certainly has not.
 */
export type Repetition = "read" | "repeatable" | "once";

/** One try: whom to ask, how long the node may take, and what else to tell `fetch`. */
export interface Attempt {
  readonly endpoint: string;
  readonly api: TypedApi;
  readonly query: { readonly timeout: string };
  readonly fetch: RequestInit;
}

/** What a route answered, as Eden tells it; without a response nobody answered. */
export interface Reply {
  readonly data: unknown;
  readonly error: unknown;
  readonly response: Response | undefined;
}

/** A call of the API, whoever answers it. */
export interface Call<Replied extends Reply> {
  readonly repetition: Repetition;
  /** With writes: what makes a second try of theirs the same one. */
  readonly idempotencyKey?: string;
  /** One try may take all the time there is: the work itself takes long. */
  readonly isLong?: boolean;
  readonly send: (attempt: Attempt) => Promise<Replied>;
}

/** What came of a call. */
export interface Answer<Data> {
  readonly data: Data;
  readonly response: Response;
}

/** What came of one try of it. */
export type AnswerTo<Replied extends Reply> = Answer<NonNullable<Replied["data"]>>;
