import { describe, expect, test } from "bun:test";
import { decodeCommandIn } from "../../src/codec/entries";
import type { IdempotencyLimits } from "../../src/store/idempotency";
import { KvProjection } from "../../src/store/kv-projection";
import { KvState } from "../../src/store/kv-state";
import {
  type Command,
  type CommandResult,
  type KeyValue,
  type LogEntry,
  type Revision,
  revision,
  term,
} from "../../src/types";
import { type SeededRandom, seededRandom } from "../seeded-random";
import { AppliedLog, deleteCommand, type Fold, keyIsAbsent, setCommand, text } from "./applied-log";
import { newItem } from "./new-item";

/** The rules of architecture.md once more, as slow and as plain as can be. */
class Model implements Fold {
  items: KeyValue[] = [];
  revision = 0;
  answers: { key: string; request: string; timeMs: number; result: CommandResult }[] = [];
  constructor(private readonly limits: IdempotencyLimits) {}

  apply(entry: LogEntry): CommandResult | null {
    for (let count = 0; count < this.limits.evictionsPerEntryMax; count++) {
      const oldest = this.answers[0];
      if (oldest === undefined || this.answers.length - 1 < this.limits.newerKeysMin) break;
      if (entry.timeMs - oldest.timeMs <= this.limits.ageMsMin) break;
      this.answers.shift();
    }
    if (entry.kind !== "command") return null;
    const command = decodeCommandIn(entry);
    const key = command.idempotencyKey;
    if (key === null) return this.execute(command, entry);
    const request = JSON.stringify({ ...command, idempotencyKey: "" });
    const first = this.answers.find((answer) => answer.key === key);
    if (first === undefined) {
      const result = this.execute(command, entry);
      this.answers.push({ key, request, timeMs: entry.timeMs, result });
      return result;
    }
    if (first.request === request) return first.result;
    return { kind: "idempotencyMismatch", ...this.decision(entry) };
  }

  get(key: string): KeyValue | undefined {
    return this.items.find((item) => item.key === key);
  }
  sorted(): KeyValue[] {
    return this.items.toSorted((x, y) => Buffer.compare(Buffer.from(x.key), Buffer.from(y.key)));
  }

  private execute(command: Command, entry: LogEntry): CommandResult {
    const present = this.get(command.key);
    const { condition } = command;
    const modRevision = present?.modRevision ?? revision(0);
    if (
      (condition?.kind === "keyIsAbsent" && present !== undefined) ||
      (condition?.kind === "revisionIs" && present?.modRevision !== condition.revision)
    ) {
      return { kind: "preconditionFailed", modRevision, ...this.decision(entry) };
    }
    if (command.op === "delete") {
      const deleted = present !== undefined;
      if (deleted) this.revision++;
      this.items = this.items.filter((item) => item !== present);
      return { kind: "deleted", deleted, ...this.decision(entry) };
    }
    this.revision++;
    this.items = this.items.filter((item) => item !== present);
    this.items.push({
      key: command.key,
      value: command.value,
      createRevision: present?.createRevision ?? (this.revision as Revision),
      modRevision: this.revision as Revision,
      version: (present?.version ?? 0) + 1,
    });
    return { kind: "set", ...this.decision(entry) };
  }

  private decision({ term, index }: LogEntry) {
    return { revision: this.revision as Revision, term, index };
  }
}

const KEYS = ["a", "a/b", "a/\uFFFD", "a/😀", "é", "__proto__", "constructor", ""];

function randomCommand({ below, pick }: SeededRandom, kv: KvProjection): Command {
  const key = pick(KEYS);
  const near = {
    kind: "revisionIs" as const,
    revision: revision(Math.max(0, kv.revision - below(3))),
  };
  const present = kv.get(key)?.modRevision;
  const exact = present === undefined ? near : { ...near, revision: present };
  const condition = pick([undefined, undefined, keyIsAbsent, near, exact]);
  const idempotencyKey = pick([undefined, `retry ${below(12)}`]);
  const options = {
    ...(condition === undefined ? {} : { condition }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  if (below(4) === 0) return deleteCommand(key, options);
  const value = pick([text(`${below(3)}`), { kind: "json", json: `${below(3)}` } as const]);
  return setCommand(key, value, options);
}

/** Appends one random entry: a new command, an earlier one again, a no-op or a configuration. */
function randomEntry(random: SeededRandom, log: AppliedLog, kv: KvProjection, sent: Command[]) {
  log.timeMs += random.below(40);
  if (random.below(50) === 0) log.currentTerm = term(log.currentTerm + 1);
  const kind = random.below(20);
  if (kind === 0) log.noop();
  else if (kind === 1) log.configuration();
  else {
    const command = kind < 5 && sent.length > 0 ? random.pick(sent) : randomCommand(random, kv);
    sent.push(command);
    log.command(command);
  }
}

const SMALL: IdempotencyLimits = { ageMsMin: 300, newerKeysMin: 4, evictionsPerEntryMax: 2 };
const everything = { prefix: "", after: null, limit: 100, bytesMax: 2 ** 20 };
const ROUNDS = 30;
const ENTRIES = 300;

test("every answer and every state is the naive model's", () => {
  const random = seededRandom("projection model");
  for (let round = 0; round < ROUNDS; round++) {
    const kv = new KvProjection(SMALL);
    const model = new Model(SMALL);
    const compare: Fold = {
      apply(entry) {
        const result = kv.apply(entry);
        expect(result).toEqual(model.apply(entry));
        return result;
      },
    };
    const log = new AppliedLog(compare);
    const sent: Command[] = [];
    for (let count = 0; count < ENTRIES; count++) randomEntry(random, log, kv, sent);
    expect(kv.list(everything)).toEqual({ items: model.sorted(), more: false });
    for (const key of KEYS) expect(kv.get(key)).toEqual(model.get(key));
    expect(kv.size).toBe(model.items.length);
    expect(kv.revision).toBe(revision(model.revision));
  }
});

test("two projections of one log agree after every entry, and no hash comes twice", () => {
  const random = seededRandom("projection hash");
  const kv = new KvProjection(SMALL);
  const other = new KvProjection(SMALL);
  const log = new AppliedLog(kv, other);
  const sent: Command[] = [];
  const seen = new Set([kv.stateHash]);
  for (let count = 0; count < ENTRIES; count++) {
    randomEntry(random, log, kv, sent);
    expect(other.stateHash).toBe(kv.stateHash);
    expect(seen.has(kv.stateHash)).toBe(false);
    seen.add(kv.stateHash);
  }
});

/** A state of one key. */
function stateWith(value: string): KvState {
  const state = new KvState(SMALL);
  state.put(newItem("a", value), undefined);
  return state;
}

describe("the state hash shows a projection that has gone wrong", () => {
  const log = (kv: KvProjection) => new AppliedLog(kv);

  test("a wrong value, key, kind or revision", () => {
    const hashOf = (write: (log: AppliedLog) => void) => {
      const kv = new KvProjection();
      write(log(kv));
      return kv.stateHash;
    };
    const hashes = [
      hashOf((to) => to.set("a", "1")),
      hashOf((to) => to.set("a", "2")),
      hashOf((to) => to.set("b", "1")),
      hashOf((to) => to.set("a", { kind: "json", json: "1" })),
      hashOf((to) => to.delete("a")),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test("a value that changed where it stands, from the next write of its key on", () => {
    const [sound, rotten] = [stateWith("abc"), stateWith("abc")];
    const slot = rotten.slots.get("a") ?? 0;
    const { bytes, valueStart } = rotten.items.open(slot);
    bytes[valueStart] = 9;
    expect(rotten.digest).toBe(sound.digest);
    for (const state of [sound, rotten]) state.put(newItem("a", "x", 2), state.slots.get("a"));
    expect(rotten.digest).not.toBe(sound.digest);
  });

  test("and nobody changes a value that he was given", () => {
    const kv = new KvProjection();
    log(kv).set("a", { kind: "bytes", bytes: new Uint8Array([1, 2, 3]) });
    const value = kv.get("a")?.value;
    if (value?.kind !== "bytes") throw new Error("bytes were set");
    value.bytes[1] = 9;
    expect(kv.get("a")?.value).toEqual({ kind: "bytes", bytes: new Uint8Array([1, 2, 3]) });
  });

  test("but not how the same state came about", () => {
    const [left, right] = [new KvProjection(), new KvProjection()];
    const [one, two] = [log(left), log(right)];
    one.set("a", "first");
    one.delete("a");
    one.set("b", "1");
    two.set("c", "first");
    two.delete("c");
    two.set("b", "1");
    expect(left.stateHash).toBe(right.stateHash);
  });
});
