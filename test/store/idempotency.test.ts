import { describe, expect, test } from "bun:test";
import { decodeCommandInPlace, encodeCommand } from "../../src/codec/commands";
import {
  fingerprintOf as fingerprintInPlace,
  IDEMPOTENCY_LIMITS,
  IdempotencyTable,
  type RememberedAnswer,
  sameFingerprint,
} from "../../src/store/idempotency";
import { KvProjection } from "../../src/store/kv-projection";
import { type Command, logIndex, revision, term } from "../../src/types";
import { AppliedLog, deleteCommand, keyIsAbsent, revisionIs, setCommand } from "./applied-log";

const answer = (key: string, timeMs: number): RememberedAnswer => ({
  key,
  fingerprint: { a: 1, b: 2, c: 3, d: 4 },
  timeMs,
  result: { kind: "set", revision: revision(1), term: term(1), index: logIndex(1) },
});
const none = () => {};
const fingerprintOf = (command: Command) =>
  fingerprintInPlace(decodeCommandInPlace(encodeCommand(command)));

/** A table of `count` answers, the first at time 0 and the others as long after as may be. */
function tableOf(count: number, limits = IDEMPOTENCY_LIMITS): IdempotencyTable {
  const table = new IdempotencyTable(limits);
  for (let number = 0; number < count; number++) table.add(answer(`key ${number}`, number));
  return table;
}

describe("an answer is kept", () => {
  const { ageMsMin, newerKeysMin, evictionsPerEntryMax } = IDEMPOTENCY_LIMITS;

  test("by the limits that the architecture names", () => {
    expect({ ageMsMin, newerKeysMin }).toEqual({ ageMsMin: 600_000, newerKeysMin: 100_000 });
    expect(evictionsPerEntryMax).toBeGreaterThan(1);
  });

  test("while it is at most ten minutes old, however many are newer", () => {
    const table = tableOf(newerKeysMin + 10);
    table.evict(ageMsMin, none);
    expect(table.get("key 0")).toBeDefined();
    table.evict(ageMsMin + 1, none);
    expect(table.get("key 0")).toBeUndefined();
    expect(table.get("key 1")).toBeDefined();
  });

  test("while fewer than 100,000 are newer, however old it is", () => {
    const table = tableOf(newerKeysMin);
    table.evict(ageMsMin * 1000, none);
    expect(table.get("key 0")).toBeDefined();
    table.add(answer("one more", 1_000_000));
    table.evict(ageMsMin * 1000, none);
    expect(table.get("key 0")).toBeUndefined();
    expect(table.get("key 1")).toBeDefined();
    expect(table.size).toBe(newerKeysMin);
  });

  test("and few are let go at a time, oldest first, until none need go", () => {
    const limits = { ageMsMin: 10, newerKeysMin: 2, evictionsPerEntryMax: 3 };
    const table = tableOf(9, limits);
    const gone: string[] = [];
    const evictAll = () => table.evict(1_000, ({ key }) => gone.push(key));
    evictAll();
    expect(gone).toEqual(["key 0", "key 1", "key 2"]);
    evictAll();
    evictAll();
    expect(gone).toEqual(Array.from({ length: 7 }, (_, number) => `key ${number}`));
    expect(table.size).toBe(2);
  });

  test("and an emptied table begins anew", () => {
    const table = tableOf(1, { ageMsMin: 10, newerKeysMin: 0, evictionsPerEntryMax: 3 });
    table.evict(1_000, none);
    expect(table.size).toBe(0);
    table.add(answer("again", 2_000));
    table.evict(2_005, none);
    expect(table.get("again")).toBeDefined();
    table.evict(2_011, none);
    expect(table.size).toBe(0);
  });
});

describe("in the projection", () => {
  const limits = { ageMsMin: 1_000, newerKeysMin: 3, evictionsPerEntryMax: 2 };

  test("time is that of the entries, and a retry does not make an answer younger", () => {
    const kv = new KvProjection(limits);
    const log = new AppliedLog(kv);
    const retry = () => log.set("a", "1", { idempotencyKey: "i" });
    const first = retry();
    for (const idempotencyKey of ["j", "k", "l"]) log.set("b", "1", { idempotencyKey });
    log.timeMs += limits.ageMsMin;
    expect(retry()).toEqual(first);
    log.timeMs += 1;
    expect(retry()).toMatchObject({ kind: "set", revision: 5 });
  });

  test("the state hash holds the answers, and forgets with them", () => {
    const [once, twice] = [new KvProjection(limits), new KvProjection(limits)];
    const [left, right] = [new AppliedLog(once), new AppliedLog(twice)];
    left.set("a", "1", { idempotencyKey: "i" });
    right.set("a", "1", { idempotencyKey: "another" });
    expect(once.stateHash).not.toBe(twice.stateHash);
    for (const log of [left, right]) {
      for (const idempotencyKey of ["j", "k", "l"]) log.set("b", "1", { idempotencyKey });
      log.timeMs += limits.ageMsMin + 1;
      log.noop();
    }
    expect(once.stateHash).toBe(twice.stateHash);
  });
});

describe("a fingerprint", () => {
  test("is one of operation, key, value and conditions, not of the idempotency key", () => {
    const same = fingerprintOf(setCommand("k", "v", { idempotencyKey: "i" }));
    expect(fingerprintOf(setCommand("k", "v", { idempotencyKey: "j" }))).toEqual(same);
    const others = [
      setCommand("k", "w"),
      setCommand("kv", ""),
      setCommand("k", { kind: "json", json: "v" }),
      setCommand("k", { kind: "bytes", bytes: new TextEncoder().encode("v") }),
      setCommand("k", "v", { condition: keyIsAbsent }),
      setCommand("k", "v", { condition: revisionIs(0) }),
      setCommand("k", "v", { condition: revisionIs(1) }),
      deleteCommand("k"),
      deleteCommand("k", { condition: keyIsAbsent }),
    ].map(fingerprintOf);
    const all = [same, ...others].map(({ a, b, c, d }) => `${a},${b},${c},${d}`);
    expect(new Set(all).size).toBe(all.length);
  });

  test("is the same only where every word is", () => {
    const one = fingerprintOf(setCommand("k", "v"));
    expect(sameFingerprint(one, { ...one })).toBe(true);
    for (const word of ["a", "b", "c", "d"] as const) {
      expect(sameFingerprint(one, { ...one, [word]: one[word] ^ 1 })).toBe(false);
    }
  });
});
