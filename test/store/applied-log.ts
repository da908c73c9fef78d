/** Writes committed entries for projection tests, one after the other. */
import { encodeCommand } from "../../src/codec/commands";
import { encodeEntry } from "../../src/codec/entries";
import {
  type Command,
  type CommandResult,
  type Condition,
  type EntryDraft,
  foundedBy,
  type LogEntry,
  logIndex,
  type Revision,
  revision,
  term,
  type Value,
} from "../../src/types";

interface WriteOptions {
  readonly condition?: Condition;
  readonly idempotencyKey?: string;
}

export const text = (value: string): Value => ({ kind: "text", text: value });
export const keyIsAbsent: Condition = { kind: "keyIsAbsent" };
export const revisionIs = (value: number): Condition => ({
  kind: "revisionIs",
  revision: revision(value),
});

export const setCommand = (key: string, value: string | Value, options: WriteOptions = {}) =>
  ({
    op: "set",
    key,
    value: typeof value === "string" ? text(value) : value,
    condition: options.condition ?? null,
    idempotencyKey: options.idempotencyKey ?? null,
  }) satisfies Command;

export const deleteCommand = (key: string, options: WriteOptions = {}) =>
  ({
    op: "delete",
    key,
    condition: options.condition ?? null,
    idempotencyKey: options.idempotencyKey ?? null,
  }) satisfies Command;

/** Anything that entries can be folded into. */
export interface Fold {
  apply(entry: LogEntry): CommandResult | null;
}

/** Appends to a log and applies at once to every fold that it was given. */
export class AppliedLog {
  currentTerm = term(1);
  timeMs = 1_700_000_000_000;
  lastIndex = logIndex(0);
  private readonly folds: readonly Fold[];

  constructor(...folds: readonly Fold[]) {
    this.folds = folds;
  }

  set(key: string, value: string | Value, options: WriteOptions = {}): CommandResult {
    return this.command(setCommand(key, value, options));
  }
  delete(key: string, options: WriteOptions = {}): CommandResult {
    return this.command(deleteCommand(key, options));
  }
  /** Applies a command everywhere and answers what the first fold did. */
  command(command: Command): CommandResult {
    const result = this.append({ kind: "command", command: encodeCommand(command) });
    if (result === null) throw new Error("a command was answered with null");
    return result;
  }
  noop(): CommandResult | null {
    return this.append({ kind: "noop" });
  }
  configuration(): CommandResult | null {
    return this.append({ kind: "configuration", configuration: foundedBy([]) });
  }
  /** The decision of the entry just applied, at `atRevision`. */
  decided(atRevision: number) {
    return {
      revision: atRevision as Revision,
      term: this.currentTerm,
      index: this.lastIndex,
    };
  }

  private append(draft: EntryDraft): CommandResult | null {
    this.lastIndex = logIndex(this.lastIndex + 1);
    const place = { index: this.lastIndex, term: this.currentTerm, timeMs: this.timeMs };
    const entry = encodeEntry(draft, place);
    const results = this.folds.map((fold) => fold.apply(entry));
    return results[0] ?? null;
  }
}
