/** What clients saw: every operation with its times, and whether it took effect. */
import type { Reply, WriteBody } from "./api-client";

/** What a client wished. Values are unique in a history, so that each read names its write. */
export type Wish =
  | { readonly kind: "get" }
  | { readonly kind: "set"; readonly value: string }
  /** A set on the condition that the key's `mod_revision` is still `expected` (0: absent). */
  | { readonly kind: "compareAndSet"; readonly value: string; readonly expected: number };

/** What became of it. `revision` is the key's `mod_revision`, 0 where absent. */
export type Fate =
  | { readonly kind: "read"; readonly value: string | null; readonly revision: number }
  | { readonly kind: "written"; readonly revision: number }
  | { readonly kind: "not_applied"; readonly code: string }
  | { readonly kind: "unknown"; readonly code: string };

export interface Operation {
  readonly client: number;
  readonly key: string;
  readonly wish: Wish;
  readonly fate: Fate;
  readonly invokedMs: number;
  /** Infinity where the outcome is unknown: it may take effect at any time after. */
  readonly returnedMs: number;
  /** How long the client waited. */
  readonly tookMs: number;
}

/** The fate of a write, read off its reply. One without an outcome is unknown, never a guess. */
export function fateOfWrite(reply: Reply<WriteBody>): Fate {
  if (reply.ok) return { kind: "written", revision: reply.body.revision };
  const kind = reply.outcome === "not_applied" ? "not_applied" : "unknown";
  return { kind, code: reply.code };
}

export class History {
  private readonly recorded: Operation[] = [];

  get operations(): readonly Operation[] {
    return this.recorded;
  }

  /** Runs an operation and records when it began, when it ended and what became of it. */
  async record(
    client: number,
    key: string,
    wish: Wish,
    operate: () => Promise<Fate>,
  ): Promise<Fate> {
    const invokedMs = performance.now();
    const fate = await operate();
    const endedMs = performance.now();
    const returnedMs = fate.kind === "unknown" ? Number.POSITIVE_INFINITY : endedMs;
    const tookMs = endedMs - invokedMs;
    this.recorded.push({ client, key, wish, fate, invokedMs, returnedMs, tookMs });
    return fate;
  }

  /** Acknowledged writes. */
  get written() {
    return this.recorded.flatMap(({ fate, ...operation }) =>
      fate.kind === "written" ? [{ ...operation, revision: fate.revision }] : [],
    );
  }

  count(kind: Fate["kind"]): number {
    return this.recorded.filter(({ fate }) => fate.kind === kind).length;
  }

  /** One line for people: how many of each fate. */
  summary(): string {
    const kinds = ["written", "read", "not_applied", "unknown"] as const;
    return kinds.map((kind) => `${this.count(kind)} ${kind}`).join(", ");
  }
}

/**
 * The store's revision is one counter for all keys: acknowledged writes bear different ones, and a
 * write that began after another had ended bears a higher one. Cheaper than a search, and it looks
 * across keys. Answers the contradictions in words.
 */
export function revisionContradictions(history: History): readonly string[] {
  const writes = history.written;
  const byRevision = new Map<number, string>();
  const found: string[] = [];
  for (const { key, revision } of writes) {
    const other = byRevision.get(revision);
    if (other !== undefined) found.push(`revision ${revision} on ${other} and on ${key}`);
    byRevision.set(revision, key);
  }
  const ended = [...writes].sort((one, other) => one.returnedMs - other.returnedMs);
  const begun = [...writes].sort((one, other) => one.invokedMs - other.invokedMs);
  let highest = 0;
  let at = 0;
  for (const write of begun) {
    for (; (ended[at]?.returnedMs ?? Number.POSITIVE_INFINITY) < write.invokedMs; at++) {
      highest = Math.max(highest, ended[at]?.revision ?? 0);
    }
    if (write.revision <= highest) {
      found.push(`${write.key} got revision ${write.revision} after ${highest} had been given`);
    }
  }
  return found;
}
