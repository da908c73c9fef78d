/**
 * The first answers of commands that carried an idempotency key, so that a retry gets the same one
 * and takes no second effect. Part of the replicated state: what is kept and what is let go depends
 * on the entries alone.
 */
import type { CommandInPlace } from "../codec/commands";
import type { CommandResult } from "../types";
import { Hash128 } from "./hash-128";

/** An answer is kept until it is older than the one *and* has more behind it than the other. */
export interface IdempotencyLimits {
  /** In ms of leader time, as the entries tell it. */
  readonly ageMsMin: number;
  /** How many newer keys. */
  readonly newerKeysMin: number;
  /**
   * How many answers one entry may let go, so that no entry is slow after a pause. More than the
   * one that an entry can add, so that the table shrinks.
   */
  readonly evictionsPerEntryMax: number;
}

/** The same on every node, hence not a setting. */
export const IDEMPOTENCY_LIMITS: IdempotencyLimits = {
  ageMsMin: 10 * 60 * 1000,
  newerKeysMin: 100_000,
  evictionsPerEntryMax: 4,
};

/**
 * 128 bits of a request in four words. Two requests under one idempotency key that differ have the
 * same fingerprint with a chance of about 2^-128.
 */
export interface Fingerprint {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** What is kept of a command. */
export interface RememberedAnswer {
  /** The idempotency key. */
  readonly key: string;
  /** Of the command, so that the key's use for another one is noticed. */
  readonly fingerprint: Fingerprint;
  /** The entry's time, in ms since the epoch. */
  readonly timeMs: number;
  readonly result: CommandResult;
}

interface Link extends RememberedAnswer {
  newer: Link | null;
}

export class IdempotencyTable {
  readonly #byKey = new Map<string, Link>();
  #oldest: Link | null = null;
  #newest: Link | null = null;

  constructor(readonly limits: IdempotencyLimits = IDEMPOTENCY_LIMITS) {}

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): RememberedAnswer | undefined {
    return this.#byKey.get(key);
  }

  /** Remembers the answer to a key that is not in the table. */
  add(answer: RememberedAnswer): void {
    const { key, fingerprint, timeMs, result } = answer;
    const link: Link = { key, fingerprint, timeMs, result, newer: null };
    if (this.#newest === null) this.#oldest = link;
    else this.#newest.newer = link;
    this.#newest = link;
    this.#byKey.set(key, link);
  }

  /** Lets go, oldest first, of what need not be kept at `nowMs`; tells of each. */
  evict(nowMs: number, onEvicted: (answer: RememberedAnswer) => void): void {
    for (let count = 0; count < this.limits.evictionsPerEntryMax; count++) {
      const oldest = this.#oldest;
      if (oldest === null || !this.#mayEvict(oldest, nowMs)) return;
      this.#oldest = oldest.newer;
      if (this.#oldest === null) this.#newest = null;
      this.#byKey.delete(oldest.key);
      onEvicted(oldest);
    }
  }

  /**
   * The answers that are in the table now, oldest first, whatever comes and goes later: a link that
   * is let go still knows the one behind it.
   */
  cut(): Iterable<RememberedAnswer> {
    const oldest = this.#oldest;
    const newest = this.#newest;
    return {
      *[Symbol.iterator]() {
        for (let link = oldest; link !== null; link = link.newer) {
          yield link;
          if (link === newest) return;
        }
      },
    };
  }

  #mayEvict(oldest: RememberedAnswer, nowMs: number): boolean {
    const newerKeys = this.#byKey.size - 1;
    return newerKeys >= this.limits.newerKeysMin && nowMs - oldest.timeMs > this.limits.ageMsMin;
  }
}

const hash = new Hash128();

/** Of operation, key, value and conditions, whatever the idempotency key. */
export function fingerprintOf(command: CommandInPlace): Fingerprint {
  const { condition } = command;
  hash.reset().text(command.op).text(command.key);
  if (condition === null) hash.numbers(0, 0);
  else if (condition.kind === "keyIsAbsent") hash.numbers(1, 0);
  else hash.numbers(2, condition.revision);
  if (command.op === "set") hash.value(command.value);
  const { a, b, c, d } = hash.finish();
  return { a, b, c, d };
}

export const sameFingerprint = (one: Fingerprint, other: Fingerprint): boolean =>
  one.a === other.a && one.b === other.b && one.c === other.c && one.d === other.d;
