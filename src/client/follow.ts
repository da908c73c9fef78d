/**
 * Follows what a node's machines do, and goes on when the stream breaks: with the same node behind
 * what was heard of it last, with another one from the moment that the first fell silent.
 */
import type { Transition } from "./answers";
import type { Attempt, CallOptions } from "./call";
import type { Calls } from "./calls";
import { isClientError } from "./errors";
import { eventsIn } from "./event-stream";
import { reasonOf } from "./faults";
import { REOPEN_MS_MAX, SILENCE_MS_MAX } from "./limits";
import { fetchStream } from "./raw-routes";
import { pause } from "./surroundings";

export interface FollowOptions extends CallOptions {
  /** `raft`, or `replicator/2`, or `replicator` for all of a kind; all machines where absent. */
  readonly machine?: string;
  /** The first transition wanted of the node that is asked first; the oldest it keeps if absent. */
  readonly from?: number;
}

/** What one who follows is told. */
export type Followed =
  | { readonly kind: "opened"; readonly endpoint: string; readonly node: number }
  | { readonly kind: "transition"; readonly endpoint: string; readonly transition: Transition }
  /** What was between is not kept any more: it goes on with `first_seq`. */
  | {
      readonly kind: "gap";
      readonly endpoint: string;
      readonly from: number;
      readonly first_seq: number;
    }
  /** The stream broke, or nobody answered in time; it is tried again. */
  | { readonly kind: "lost"; readonly endpoint: string | null; readonly reason: string };

/** A stream that has begun. */
interface Opened {
  readonly endpoint: string;
  readonly node: number;
  readonly body: ReadableStream<Uint8Array>;
  readonly silence: SilenceTimer;
}

/** Tells until the signal is aborted. **Errors**: `ClientError` where no try will ever help. */
export async function* follow(
  calls: Calls,
  options: FollowOptions,
): AsyncGenerator<Followed, void, undefined> {
  const { endpoints, surroundings } = calls;
  const places = new Places(options.from ?? null);
  while (!options.signal?.aborted) {
    const opened = await open(calls, options, places);
    if (typeof opened === "string") {
      if (options.signal?.aborted) return;
      yield { kind: "lost", endpoint: null, reason: opened };
    } else {
      const reason = yield* hear(opened, places);
      if (options.signal?.aborted) return;
      endpoints.leave(opened.endpoint);
      yield { kind: "lost", endpoint: opened.endpoint, reason };
    }
    await pause(surroundings, surroundings.random() * REOPEN_MS_MAX, options.signal);
  }
}

/** Opens a stream on whichever endpoint gives one; else, why nobody did. */
async function open(
  calls: Calls,
  options: FollowOptions,
  places: Places,
): Promise<Opened | string> {
  const { surroundings } = calls;
  const silence = new SilenceTimer((end) => surroundings.after(SILENCE_MS_MAX, end));
  const ends = options.signal === undefined ? [] : [options.signal];
  const send = (attempt: Attempt) =>
    fetchStream(surroundings.fetch, attempt, places.requestOf(attempt.endpoint, options.machine));
  try {
    const { data, response } = await calls.run(
      { repetition: "read", send },
      { ...options, signal: AbortSignal.any([...ends, silence.signal]) },
    );
    return { ...data, silence, node: Number(response.headers.get("x-balsa-node")) };
  } catch (error) {
    if (!isClientError(error) || !(error.facts.retryable || error.code === "aborted")) throw error;
    return error.message;
  }
}

/** Tells what a stream says, until it ends or nobody listens any more; answers why it ended. */
async function* hear(
  { body, endpoint, node, silence }: Opened,
  places: Places,
): AsyncGenerator<Followed, string, undefined> {
  const isNews = places.newsOf(endpoint);
  try {
    silence.begin();
    yield { kind: "opened", endpoint, node };
    for await (const { data, event } of eventsIn(body, () => silence.begin())) {
      if (event === "transition") {
        const transition: Transition = JSON.parse(data);
        places.note(endpoint, transition);
        if (isNews(transition)) yield { kind: "transition", endpoint, transition };
      } else if (event === "gap") {
        yield { kind: "gap", endpoint, ...JSON.parse(data) };
      } else if (event === "end") {
        return JSON.parse(data).says;
      }
    }
    return "the stream ended";
  } catch (error) {
    if (silence.signal.aborted) return `nothing was heard for ${SILENCE_MS_MAX / 1_000} s`;
    return reasonOf(error);
  } finally {
    silence.end();
  }
}

/** How far each endpoint's own numbers have been heard. */
class Places {
  private readonly last = new Map<string, number>();
  /** When the latest happened that was heard of anybody. */
  private wallMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly from: number | null) {}

  requestOf(endpoint: string, machine: string | undefined) {
    const asked = new URLSearchParams();
    if (machine !== undefined) asked.set("machine", machine);
    if (this.from !== null && this.last.size === 0) asked.set("from", `${this.from}`);
    const last = this.last.get(endpoint);
    return {
      path: `/v1/inspect/transitions?${asked}`,
      headers: {
        accept: "text/event-stream",
        ...(last !== undefined && { "last-event-id": `${last}` }),
      },
    };
  }

  /** Of a node that was not asked before only what others have not lived to tell. */
  newsOf(endpoint: string): (transition: Transition) => boolean {
    const sinceMs = this.last.has(endpoint) ? Number.NEGATIVE_INFINITY : this.wallMs;
    return ({ wall_ms }) => wall_ms > sinceMs;
  }

  note(endpoint: string, { seq, wall_ms }: Transition): void {
    this.last.set(endpoint, seq);
    this.wallMs = Math.max(this.wallMs, wall_ms);
  }
}

/** Aborts a stream on which nothing is heard any more, not even a beat. */
class SilenceTimer {
  private readonly aborter = new AbortController();
  private takeBack = () => {};

  constructor(private readonly after: (end: () => void) => () => void) {}

  get signal(): AbortSignal {
    return this.aborter.signal;
  }

  /** From now on, again. */
  begin(): void {
    this.takeBack();
    this.takeBack = this.after(() => this.aborter.abort());
  }

  /** Nobody listens any more. */
  end(): void {
    this.takeBack();
    this.aborter.abort();
  }
}
