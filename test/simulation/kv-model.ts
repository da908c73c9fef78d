/**
 * The key-value map once more, as simple as can be: what the committed commands must have answered.
 * Written from the words of the data model, not from the projection, which is held against it.
 */
import { decodeCommand } from "../../src/codec/commands";
import type { Command, CommandResult, LogEntry, LogIndex } from "../../src/types";

/** A key as of some index; `value` is null where the key was absent. */
export interface Version {
  readonly index: number;
  readonly value: string | null;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

const absent: Version = { index: 0, value: null, createRevision: 0, modRevision: 0, version: 0 };

/** What the model expects of one entry. */
export interface Expected {
  readonly command: Command | null;
  readonly answer: string;
}

export const valueText = (command: Command): string =>
  command.op === "set" ? JSON.stringify(command.value) : "";

export class KvModel {
  readonly #versions = new Map<string, Version[]>();
  /** First answers, and what they answered, by idempotency key. */
  readonly #answers = new Map<string, { readonly asked: string; readonly answer: string }>();
  readonly #expected: Expected[] = [];
  #revision = 0;
  #timeMs = 0;

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

  /** Errors: when the entry's time goes back. */
  apply(entry: LogEntry): void {
    if (entry.timeMs < this.#timeMs) throw new Error(`the time of entry ${entry.index} goes back`);
    this.#timeMs = entry.timeMs;
    const command = entry.kind === "command" ? decodeCommand(entry.command) : null;
    const answer = command === null ? "" : this.#executeOnce(command, entry);
    this.#expected.push({ command, answer });
  }

  #executeOnce(command: Command, entry: LogEntry): string {
    const { idempotencyKey, key, op, condition } = command;
    if (idempotencyKey === null) return this.#execute(command, entry);
    const asked = JSON.stringify([op, key, condition, valueText(command)]);
    const first = this.#answers.get(idempotencyKey);
    if (first === undefined) {
      const answer = this.#execute(command, entry);
      this.#answers.set(idempotencyKey, { asked, answer });
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

/** An answer as text that is equal for equal answers. */
export const canonical = (result: object): string =>
  JSON.stringify(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));

export const canonicalResult = (result: CommandResult): string => canonical(result);
