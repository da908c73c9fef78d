/** Endpoints that behave as told, before real APIs on maps; and time that waits for nobody. */
import type { Surroundings } from "../../src/client";
import { apiOnMap } from "../api/asking";

/** What becomes of a request. */
export type Behaviour =
  /** The node answers. */
  | "up"
  /** Nobody listens there. */
  | "refused"
  /** The node takes the request and never answers. */
  | "frozen"
  /** The node has done what was asked, and the connection breaks before the answer. */
  | "answer lost"
  /** The connection breaks before the node has got the request. */
  | "request lost"
  /** Something else answers. */
  | ((request: Request) => Response);

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** As Bun says it. */
export const failure = (code: string) => Object.assign(new TypeError(`${code}: told to`), { code });

/** Every endpoint shares one node: what a follower forwards ends up in one place, too. */
export class FakeNetwork {
  /** What was asked: `http://a:1 POST /set?timeout=1800ms`. */
  readonly asked: string[] = [];
  readonly headersSent: Readonly<Record<string, string>>[] = [];
  /** How long each pause and each try was to last. */
  readonly waitsMs: number[] = [];
  readonly backend = apiOnMap();
  /** What chance answers. */
  chance = 0.5;
  private readonly queues = new Map<string, Behaviour[]>();
  private nowMs = 0;
  private timers: Timer[] = [];
  private underWay = 0;
  private keys = 0;

  readonly surroundings: Surroundings = {
    fetch: (url, init) => this.fetch(url, init),
    nowMs: () => this.nowMs,
    wallMs: () => this.nowMs,
    after: (delayMs, fire) => {
      this.waitsMs.push(delayMs);
      const timer = { dueMs: this.nowMs + delayMs, fire };
      this.timers.push(timer);
      return () => {
        this.timers = this.timers.filter((other) => other !== timer);
      };
    },
    random: () => this.chance,
    drawIdempotencyKey: () => `key-${++this.keys}`,
  };

  /** The idempotency key that each request bore. */
  get keysSent(): readonly (string | null)[] {
    return this.headersSent.map((headers) => headers["idempotency-key"] ?? null);
  }

  get now() {
    return this.nowMs;
  }

  /** What the following requests to `endpoint` come to, one after the other; the last for ever. */
  tell(endpoint: string, ...behaviours: readonly Behaviour[]): void {
    this.queues.set(endpoint, [...behaviours]);
  }
  /** Lets time pass whenever nothing else happens, until `promise` has come to its end. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    promise.then(end, end);
    while (!isOver) {
      await new Promise((resume) => setImmediate(resume));
      if (!isOver && this.underWay === 0) this.jump();
    }
    return promise;
  }

  private jump(): void {
    const [next] = this.timers.toSorted((a, b) => a.dueMs - b.dueMs);
    // A file or a stream is at work: time has nothing to do with that.
    if (next === undefined) return;
    this.timers = this.timers.filter((other) => other !== next);
    this.nowMs = Math.max(this.nowMs, next.dueMs);
    next.fire();
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    const { origin, pathname, search } = new URL(url);
    this.asked.push(`${origin} ${init.method ?? "GET"} ${pathname}${search}`);
    // A node of a test is known as localhost, whatever the endpoint is called.
    const { signal } = init;
    const request = new Request(`http://localhost${pathname}${search}`, init);
    this.headersSent.push(Object.fromEntries(request.headers));
    const behaviour = this.next(origin);
    if (behaviour === "refused") throw failure("ECONNREFUSED");
    if (behaviour === "request lost") throw failure("ECONNRESET");
    if (behaviour === "frozen") return never(signal ?? null);
    this.underWay++;
    try {
      if (typeof behaviour === "function") return behaviour(request);
      const response = await this.backend.api.handle(request);
      if (behaviour === "answer lost") throw failure("ECONNRESET");
      return response;
    } finally {
      this.underWay--;
    }
  }

  private next(origin: string): Behaviour {
    const queue = this.queues.get(origin) ?? ["up"];
    return (queue.length > 1 ? queue.shift() : queue[0]) ?? "up";
  }
}

const never = (signal: AbortSignal | null): Promise<Response> =>
  new Promise((_, reject) => {
    const abort = () => reject(new DOMException("aborted", "AbortError"));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
  });

/** An answer of another making. */
export const answerOf = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });

/** A problem as a node words it. */
export const problem = (status: number, code: string, more: object = {}) => ({
  type: `urn:balsa:problem:${code}`,
  title: code,
  status,
  detail: `it is ${code}`,
  code,
  retryable: false,
  outcome: "not_applied",
  ...more,
});
