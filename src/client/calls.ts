/**
 * Makes a call succeed while anybody can answer it: asks one endpoint after the other, pauses when
 * all have failed, and gives up when its time is over or when asking again would not be safe.
 */
import { treaty } from "@elysiajs/eden";
import type { Api } from "../api/app";
import type { TypedApi } from "./answers";
import type { AnswerTo, Call, CallOptions, Reply } from "./call";
import { Course } from "./course";
import { Endpoints } from "./endpoints";
import { type ClientError, isClientError } from "./errors";
import { fault, faultOfAnswer, faultOfThrown, noAnswer, type Tried } from "./faults";
import {
  BACKOFF_MS_MAX,
  BACKOFF_MS_MIN,
  MARGIN_MS_MIN,
  TIMEOUT_MS_MAX,
  TOLD_TIMEOUT_MS_MAX,
  TRY_MS_MIN,
} from "./limits";
import { pause, type Surroundings } from "./surroundings";

export interface CallLimits {
  /** How long a call may take where it does not say so itself. Units: ms. */
  readonly timeoutMs: number;
  /** How long one endpoint is waited for. Units: ms. */
  readonly tryTimeoutMs: number;
}

/** When and by whom a call is ended. */
interface Bounds {
  readonly endsAtMs: number;
  readonly signal: AbortSignal | undefined;
}

export class Calls {
  private readonly apis: ReadonlyMap<string, TypedApi>;

  constructor(
    readonly endpoints: Endpoints,
    readonly surroundings: Surroundings,
    private readonly limits: CallLimits,
  ) {
    for (const limitMs of Object.values(limits)) assertTimeout(limitMs);
    const fetcher = Object.assign(
      (input: string | URL | Request, init?: RequestInit) =>
        surroundings.fetch(String(input), init ?? {}),
      // Part of the type of Bun's `fetch`; nothing calls it.
      { preconnect: () => {} },
    );
    const apiOf = (endpoint: string) => treaty<Api>(endpoint, { parseDate: false, fetcher });
    this.apis = new Map(endpoints.all.map((endpoint) => [endpoint, apiOf(endpoint)]));
  }

  /** The same, with a turn of its own: where one goes on does not move the others. */
  apart(): Calls {
    return new Calls(new Endpoints(this.endpoints.all), this.surroundings, this.limits);
  }

  /** **Errors**: `ClientError`; `RangeError` for a timeout that is none. */
  async run<Replied extends Reply>(
    call: Call<Replied>,
    options: CallOptions,
  ): Promise<AnswerTo<Replied>> {
    const timeoutMs = assertTimeout(options.timeoutMs ?? this.limits.timeoutMs);
    const bounds = { endsAtMs: this.surroundings.nowMs() + timeoutMs, signal: options.signal };
    const course = new Course(call.repetition, call.idempotencyKey ?? null);
    for (;;) {
      const tried = course.tryAt(this.endpoints.current);
      const result = await this.attempt(call, tried, bounds);
      if (!isClientError(result)) return result;
      if (!course.goesOnAfter(result)) throw course.conclusion(result);
      this.endpoints.leave(tried.endpoint);
      const hasTime = await this.rest(course.failures, result, bounds);
      if (!hasTime) throw course.conclusion(result);
    }
  }

  private async attempt<Replied extends Reply>(
    call: Call<Replied>,
    tried: Tried,
    { endsAtMs, signal }: Bounds,
  ): Promise<AnswerTo<Replied> | ClientError> {
    const { surroundings } = this;
    const { endpoint } = tried;
    if (signal?.aborted) return aborted(tried, false);
    const leftMs = Math.max(1, endsAtMs - surroundings.nowMs());
    const patienceMs = call.isLong ? leftMs : this.patienceMs(leftMs);
    const hangUp = new AbortController();
    const takeBack = surroundings.after(patienceMs, () => hangUp.abort());
    const ends = signal === undefined ? [hangUp.signal] : [signal, hangUp.signal];
    const faultOf = (thrown: unknown): ClientError => {
      if (signal?.aborted) return aborted(tried, true);
      if (hangUp.signal.aborted) return noAnswer(tried, `nothing for ${Math.round(patienceMs)} ms`);
      return faultOfThrown(thrown, tried);
    };
    try {
      const reply = await call.send({
        endpoint,
        api: this.apiOf(endpoint),
        query: { timeout: toldTimeout(patienceMs) },
        fetch: {
          signal: AbortSignal.any(ends),
          // A connection that is used again may turn out to be closed; `fetch` then silently sends
          // the request a second time.
          ...(call.repetition === "once" && { keepalive: false }),
        },
      });
      const { data, error, response } = reply;
      if (response === undefined) return faultOf(saidIn(error));
      if (!response.ok) return faultOfAnswer(response, saidIn(error), tried);
      return { data: data as NonNullable<Replied["data"]>, response };
    } catch (thrown) {
      return faultOf(thrown);
    } finally {
      takeBack();
    }
  }

  /** For one try: not all that is left, while there is another endpoint that may do better. */
  private patienceMs(leftMs: number): number {
    const isAlone = this.endpoints.all.length === 1;
    const shareMs = isAlone ? leftMs : Math.max(Math.min(leftMs, TRY_MS_MIN), leftMs / 2);
    return Math.min(shareMs, this.limits.tryTimeoutMs);
  }

  private apiOf(endpoint: string): TypedApi {
    const api = this.apis.get(endpoint);
    if (api === undefined) throw new TypeError(`${endpoint} is none of this client's endpoints`);
    return api;
  }

  /**
   * Lets the cluster come to itself once every endpoint has failed, longer each time and by chance,
   * so that clients do not come back all at once. False where no time is left for another try.
   */
  private async rest(failures: number, failed: ClientError, bounds: Bounds): Promise<boolean> {
    const { endpoints, surroundings } = this;
    const rounds = failures / endpoints.all.length;
    const askedMs = failed.code === "overloaded" ? failed.facts.retryAfterMs : 0;
    const capMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.floor(rounds - 1));
    const isDue = Number.isInteger(rounds) || askedMs > 0;
    const delayMs = isDue ? askedMs + capMs * surroundings.random() : 0;
    if (surroundings.nowMs() + delayMs + TRY_MS_MIN > bounds.endsAtMs) return false;
    if (delayMs > 0) await pause(surroundings, delayMs, bounds.signal);
    return true;
  }
}

/** What Eden says of a failure: it wraps what was thrown, and what was answered. */
const saidIn = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "value" in error ? error.value : error;

/** The caller's own signal. A write that may have left by then has an unknown outcome. */
function aborted(tried: Tried, isSent: boolean): ClientError {
  const outcome = isSent ? "unknown" : "not_applied";
  const detail = "the caller ended the call";
  return fault("aborted", tried, { detail, outcome, retryable: false });
}

/** What is left for the node of a try, in the API's words. */
function toldTimeout(patienceMs: number): string {
  const marginMs = Math.min(patienceMs / 2, Math.max(MARGIN_MS_MIN, patienceMs / 10));
  return `${Math.max(1, Math.min(TOLD_TIMEOUT_MS_MAX, Math.floor(patienceMs - marginMs)))}ms`;
}

function assertTimeout(timeoutMs: number): number {
  if (timeoutMs >= 1 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs;
  throw new RangeError(`a timeout must be from 1 to ${TIMEOUT_MS_MAX} ms, not ${timeoutMs}`);
}
