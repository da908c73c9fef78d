/**
 * The key-value map once more, as simple as can be: what the committed commands must have answered.
 * Written from the words of the data model, not from the projection, which is held against it.
 */
import { decodeCommandIn } from "../../src/codec/entries";
import type { IdempotencyLimits } from "../../src/store/idempotency";
import type { KeyRange } from "../../src/store/kv-projection";
import type { Command, CommandResult, KeyValue, LogEntry, LogIndex, Value } from "../../src/types";

/** A key as of some index; `value` is null where the key was absent. */
export interface Version {
  readonly index: number;
  readonly value: string | null;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

const absent: Version = { index: 0, value: null, createRevision: 0, modRevision: 0, version: 0 };

/** A first answer. */
interface Kept {
  readonly idempotencyKey: string;
  readonly asked: string;
  readonly answer: string;
  readonly timeMs: number;
}

/** What the model expects of a list. */
export interface ExpectedPage {
  readonly items: readonly string[];
  readonly more: boolean;
}

/** What the model expects of one entry. */
export interface Expected {
  readonly command: Command | null;
  readonly answer: string;
}

/** A value as text that is equal for equal values. */
export function textOf(value: Value): string {
  switch (value.kind) {
    case "text":
      return `text ${value.text}`;
    case "json":
      return `json ${value.json}`;
    case "bytes":
      return `bytes ${Buffer.from(value.bytes).toString("hex")}`;
  }
}

export const valueText = (command: Command): string =>
  command.op === "set" ? textOf(command.value) : "";

/** What a client asked for, whatever its retry key. */
export const askedOf = (command: Command): string =>
  JSON.stringify([command.op, command.key, command.condition, valueText(command)]);

export class KvModel {
  readonly #versions = new Map<string, Version[]>();
  /** First answers, oldest first. */
  readonly #kept: Kept[] = [];
  readonly #limits: IdempotencyLimits;
  readonly #expected: Expected[] = [];
  #revision = 0;
  #timeMs = 0;

  constructor(limits: IdempotencyLimits) {
    this.#limits = limits;
  }

  /** The last entry that was folded in. */
  get lastIndex(): number {
    return this.#expected.length;
  }

  expected(index: number): Expected | undefined {
    return this.#expected[index - 1];
  }

  /** The key as of the entry at `index`. */
  versionAt(key: string, index: LogIndex): Version {
    return this.#versions.get(key)?.findLast((version) => version.index <= index) ?? absent;
  }

  /** A page of the keys as of the entry at `index`, as `KvProjection.list` must give it. */
  list({ prefix, after, limit, bytesMax }: KeyRange, index: LogIndex): ExpectedPage {
    const items: string[] = [];
    let bytes = 0;
    for (const key of [...this.#versions.keys()].sort(byBytes)) {
      const { value, createRevision, modRevision, version } = this.versionAt(key, index);
      const isInRange = key.startsWith(prefix) && (after === null || byBytes(key, after) > 0);
      if (value === null || !isInRange) continue;
      bytes += encoder.encode(key).length + bytesOf(value);
      const isFull = items.length >= limit || (bytes > bytesMax && items.length > 0);
      if (isFull) return { items, more: true };
      items.push(JSON.stringify([key, value, createRevision, modRevision, version]));
    }
    return { items, more: false };
  }

  /** Errors: when the entry's time goes back. */
  apply(entry: LogEntry): void {
    if (entry.timeMs < this.#timeMs) throw new Error(`the time of entry ${entry.index} goes back`);
    this.#timeMs = entry.timeMs;
    this.#letGo(entry.timeMs);
    const command = entry.kind === "command" ? decodeCommandIn(entry) : null;
    const answer = command === null ? "" : this.#executeOnce(command, entry);
    this.#expected.push({ command, answer });
  }

  /** "Kept for at least so long or so many newer keys, whichever is later." */
  #letGo(timeMs: number): void {
    const { ageMsMin, evictionsPerEntryMax, newerKeysMin } = this.#limits;
    for (let count = 0; count < evictionsPerEntryMax; count++) {
      const [oldest] = this.#kept;
      if (oldest === undefined || this.#kept.length <= newerKeysMin) return;
      if (timeMs - oldest.timeMs <= ageMsMin) return;
      this.#kept.shift();
    }
  }

  #executeOnce(command: Command, entry: LogEntry): string {
    const { idempotencyKey } = command;
    if (idempotencyKey === null) return this.#execute(command, entry);
    const asked = askedOf(command);
    const first = this.#kept.find((kept) => kept.idempotencyKey === idempotencyKey);
    if (first === undefined) {
      const answer = this.#execute(command, entry);
      this.#kept.push({ idempotencyKey, asked, answer, timeMs: entry.timeMs });
      return answer;
    }
    const mismatch = { kind: "idempotencyMismatch" } as const;
    return first.asked === asked ? first.answer : this.#answer(mismatch, entry);
  }

  #execute(command: Command, entry: LogEntry): string {
    const { condition, key } = command;
    const present = this.versionAt(key, entry.index);
    const isMet =
      condition === null ||
      (condition.kind === "keyIsAbsent"
        ? present.value === null
        : present.value !== null && present.modRevision === condition.revision);
    if (!isMet) {
      const { modRevision } = present;
      return this.#answer({ kind: "preconditionFailed", modRevision }, entry);
    }
    if (command.op === "delete") {
      const deleted = present.value !== null;
      if (deleted) {
        this.#revision++;
        this.#put(key, { ...absent, index: entry.index });
      }
      return this.#answer({ kind: "deleted", deleted }, entry);
    }
    this.#revision++;
    this.#put(key, {
      index: entry.index,
      value: valueText(command),
      createRevision: present.value === null ? this.#revision : present.createRevision,
      modRevision: this.#revision,
      version: present.version + 1,
    });
    return this.#answer({ kind: "set" }, entry);
  }

  #put(key: string, version: Version): void {
    const versions = this.#versions.get(key);
    if (versions) versions.push(version);
    else this.#versions.set(key, [version]);
  }

  #answer(answer: object, { index, term }: LogEntry): string {
    return canonical({ ...answer, revision: this.#revision, term, index });
  }
}

const encoder = new TextEncoder();

/** The order of keys, from its definition: by their UTF-8 bytes. */
const byBytes = (a: string, b: string): number =>
  Buffer.compare(encoder.encode(a), encoder.encode(b));

/** The size of what `textOf` has written down. Units: bytes. */
function bytesOf(text: string): number {
  const content = text.slice(text.indexOf(" ") + 1);
  return text.startsWith("bytes") ? content.length / 2 : encoder.encode(content).length;
}

/** An item as text that is equal for equal items. */
export const canonicalItem = ({ key, value, ...counts }: KeyValue): string =>
  JSON.stringify([key, textOf(value), counts.createRevision, counts.modRevision, counts.version]);

/** An answer as text that is equal for equal answers. */
export const canonical = (result: object): string =>
  JSON.stringify(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));

export const canonicalResult = (result: CommandResult): string => canonical(result);
