import { describe, expect, test } from "bun:test";
import { AssertionError } from "../../src/assert";
import { encodeEntry } from "../../src/codec/entries";
import { MalformedError } from "../../src/codec/malformed";
import { type KeyRange, KvProjection } from "../../src/store/kv-projection";
import { type LogEntry, logIndex, type Revision, term } from "../../src/types";
import { AppliedLog, keyIsAbsent, revisionIs, text } from "./applied-log";

function fresh() {
  const kv = new KvProjection();
  return { kv, log: new AppliedLog(kv) };
}

const everything: KeyRange = { prefix: "", after: null, limit: 1_000_000, bytesMax: 2 ** 30 };
const keysOf = (kv: KvProjection, range: Partial<KeyRange> = {}) =>
  kv.list({ ...everything, ...range }).items.map((item) => item.key);

describe("revisions", () => {
  test("the revision grows with every effective set, the same value included, and delete", () => {
    const { kv, log } = fresh();
    expect(log.set("a", "1")).toEqual({ kind: "set", ...log.decided(1) });
    expect(log.set("a", "1")).toEqual({ kind: "set", ...log.decided(2) });
    expect(log.delete("a")).toEqual({ kind: "deleted", deleted: true, ...log.decided(3) });
    expect(kv.revision).toBe(3 as Revision);
  });

  test("it stays with an absent delete, a failed condition, a no-op and a configuration", () => {
    const { kv, log } = fresh();
    log.set("a", "1");
    expect(log.delete("b")).toEqual({ kind: "deleted", deleted: false, ...log.decided(1) });
    expect(log.set("a", "2", { condition: keyIsAbsent })).toEqual({
      kind: "preconditionFailed",
      modRevision: 1 as Revision,
      ...log.decided(1),
    });
    expect(log.noop()).toBeNull();
    expect(log.configuration()).toBeNull();
    expect(kv.revision).toBe(1 as Revision);
    expect(kv.appliedIndex).toBe(logIndex(5));
  });

  test("a key knows its creation, its last set and how many sets lie between", () => {
    const { kv, log } = fresh();
    log.set("other", "x");
    log.set("a", "1");
    log.set("other", "y");
    log.set("a", "2");
    expect(kv.get("a")).toEqual({
      key: "a",
      value: text("2"),
      createRevision: 2 as Revision,
      modRevision: 4 as Revision,
      version: 2,
    });
    log.delete("a");
    expect(kv.get("a")).toBeUndefined();
    log.set("a", "3");
    expect(kv.get("a")).toMatchObject({ createRevision: 6, modRevision: 6, version: 1 });
    expect(kv.size).toBe(2);
  });

  test("the term of an answer is that of the entry which decided it", () => {
    const { log } = fresh();
    log.set("a", "1");
    log.currentTerm = term(7);
    expect(log.set("a", "2")).toMatchObject({ term: 7, index: 2 });
  });
});

describe("conditions", () => {
  test("revisionIs holds at that revision of the key only", () => {
    const { log } = fresh();
    log.set("a", "1");
    log.set("b", "1");
    expect(log.set("a", "2", { condition: revisionIs(2) })).toMatchObject({
      kind: "preconditionFailed",
      modRevision: 1,
    });
    expect(log.set("a", "2", { condition: revisionIs(1) })).toMatchObject({ kind: "set" });
    expect(log.delete("a", { condition: revisionIs(1) })).toMatchObject({
      kind: "preconditionFailed",
      modRevision: 3,
    });
    expect(log.delete("a", { condition: revisionIs(3) })).toMatchObject({ deleted: true });
  });

  test("revisionIs never holds for an absent key, not even with 0", () => {
    const { log } = fresh();
    for (const wanted of [0, 1]) {
      const condition = revisionIs(wanted);
      const failed = { kind: "preconditionFailed", modRevision: 0 };
      expect(log.set("a", "1", { condition })).toMatchObject(failed);
      expect(log.delete("a", { condition })).toMatchObject(failed);
    }
  });

  test("keyIsAbsent lets one creation through; an absent delete passes it without effect", () => {
    const { log } = fresh();
    const condition = keyIsAbsent;
    expect(log.delete("a", { condition })).toMatchObject({ kind: "deleted", deleted: false });
    expect(log.set("a", "1", { condition })).toMatchObject({ kind: "set" });
    expect(log.set("a", "2", { condition })).toMatchObject({ kind: "preconditionFailed" });
    expect(log.delete("a", { condition })).toMatchObject({ kind: "preconditionFailed" });
  });
});

describe("values and keys", () => {
  test.each([
    text(""),
    { kind: "json", json: "null" } as const,
    { kind: "bytes", bytes: new Uint8Array([0, 255]) } as const,
  ])("%p is given back as it was set", (value) => {
    const { kv, log } = fresh();
    log.set("a", value);
    expect(kv.get("a")?.value).toEqual(value);
  });

  test("names of JavaScript's own are keys like any other", () => {
    const { kv, log } = fresh();
    const names = ["__proto__", "constructor", "hasOwnProperty", "toString", ""];
    for (const name of names) expect(kv.get(name)).toBeUndefined();
    for (const name of names) log.set(name, `value of ${name}`, { idempotencyKey: name });
    for (const name of names) expect(kv.get(name)?.value).toEqual(text(`value of ${name}`));
    expect(keysOf(kv)).toEqual([...names].sort());
    for (const name of names) log.delete(name);
    expect(kv.size).toBe(0);
  });
});

describe("listing", () => {
  const keys = ["a", "a/1", "a/2", "a/😀", "a/\uFFFD", "b", "é", "z"];
  function listed() {
    const { kv, log } = fresh();
    for (const key of [...keys].reverse()) log.set(key, "0123456789");
    return kv;
  }

  test("comes in the order of the keys' UTF-8 bytes", () => {
    const byBytes = [...keys].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect(keysOf(listed())).toEqual(byBytes);
    expect(byBytes.indexOf("a/\uFFFD")).toBeLessThan(byBytes.indexOf("a/😀"));
  });

  test("a prefix finds every key that begins with its bytes, the prefix itself included", () => {
    const kv = listed();
    expect(keysOf(kv, { prefix: "a" })).toEqual(["a", "a/1", "a/2", "a/\uFFFD", "a/😀"]);
    expect(keysOf(kv, { prefix: "a/" })).toEqual(["a/1", "a/2", "a/\uFFFD", "a/😀"]);
    expect(keysOf(kv, { prefix: "a/😀" })).toEqual(["a/😀"]);
    expect(keysOf(kv, { prefix: "c" })).toEqual([]);
  });

  test("after skips the key itself, whether or not it is there", () => {
    const kv = listed();
    expect(keysOf(kv, { prefix: "a/", after: "a/1" })).toEqual(["a/2", "a/\uFFFD", "a/😀"]);
    expect(keysOf(kv, { prefix: "a/", after: "a/10" })).toEqual(["a/2", "a/\uFFFD", "a/😀"]);
    expect(keysOf(kv, { prefix: "a/", after: "" })).toEqual(["a/1", "a/2", "a/\uFFFD", "a/😀"]);
    expect(keysOf(kv, { prefix: "a/", after: "b" })).toEqual([]);
  });

  test("limit ends a page, and more says whether there is another", () => {
    const kv = listed();
    expect(kv.list({ ...everything, prefix: "a", limit: 4 })).toMatchObject({ more: true });
    expect(kv.list({ ...everything, prefix: "a", limit: 5 })).toMatchObject({ more: false });
    expect(keysOf(kv, { prefix: "a", limit: 2 })).toEqual(["a", "a/1"]);
  });

  test("bytesMax ends a page before the item that would pass it, but the first", () => {
    const kv = listed();
    // "a" and "a/1" take 11 and 13 bytes, "é" takes 12.
    expect(kv.list({ ...everything, bytesMax: 24 })).toMatchObject({ more: true });
    expect(keysOf(kv, { bytesMax: 23 })).toEqual(["a"]);
    expect(keysOf(kv, { bytesMax: 24 })).toEqual(["a", "a/1"]);
    expect(keysOf(kv, { bytesMax: 0 })).toEqual(["a"]);
    expect(keysOf(kv, { prefix: "é", bytesMax: 12 })).toEqual(["é"]);
    expect(keysOf(kv, { after: "b", bytesMax: 22 })).toEqual(["z"]);
    expect(keysOf(kv, { after: "b", bytesMax: 23 })).toEqual(["z", "é"]);
  });
});

describe("how large the state is", () => {
  test("by its keys and values, whatever came before them", () => {
    const { kv, log } = fresh();
    expect(kv).toMatchObject({ size: 0, byteLength: 0, answerCount: 0 });
    log.set("key", "a".repeat(100));
    log.set("key", "value", { idempotencyKey: "retry" });
    log.set("k", { kind: "json", json: "null" });
    log.set("é", { kind: "bytes", bytes: new Uint8Array(9) });
    expect(kv).toMatchObject({ size: 3, byteLength: 8 + 5 + 11, answerCount: 1 });
    log.delete("key");
    log.delete("absent");
    expect(kv).toMatchObject({ size: 2, byteLength: 5 + 11, answerCount: 1 });
  });
});

describe("exactly once", () => {
  test("a retry gets the first answer, in a later term too, and takes no second effect", () => {
    const { kv, log } = fresh();
    const first = log.set("a", "1", { idempotencyKey: "i" });
    log.set("a", "2");
    log.currentTerm = term(4);
    expect(log.set("a", "1", { idempotencyKey: "i" })).toEqual(first);
    expect(first).toMatchObject({ revision: 1, term: 1, index: 1 });
    expect(kv.get("a")?.value).toEqual(text("2"));
    expect(kv.revision).toBe(2 as Revision);
  });

  test("so does the retry of a failed condition and of a delete", () => {
    const { log } = fresh();
    log.set("a", "1");
    const condition = keyIsAbsent;
    const failed = log.set("a", "2", { condition, idempotencyKey: "i" });
    const deleted = log.delete("a", { idempotencyKey: "j" });
    expect(log.set("a", "2", { condition, idempotencyKey: "i" })).toEqual(failed);
    expect(log.delete("a", { idempotencyKey: "j" })).toEqual(deleted);
    expect(failed).toMatchObject({ kind: "preconditionFailed", modRevision: 1 });
    expect(deleted).toMatchObject({ deleted: true });
  });

  test("the same key for another request is a mismatch without effect", () => {
    const { kv, log } = fresh();
    const idempotencyKey = "i";
    log.set("a", "1", { idempotencyKey });
    const mismatch = () => ({ kind: "idempotencyMismatch" as const, ...log.decided(1) });
    expect(log.set("a", "2", { idempotencyKey })).toEqual(mismatch());
    expect(log.set("b", "1", { idempotencyKey })).toEqual(mismatch());
    expect(log.set("a", { kind: "json", json: "1" }, { idempotencyKey })).toEqual(mismatch());
    expect(log.set("a", "1", { idempotencyKey, condition: keyIsAbsent })).toEqual(mismatch());
    expect(log.set("a", "1", { idempotencyKey, condition: revisionIs(0) })).toEqual(mismatch());
    expect(log.delete("a", { idempotencyKey })).toEqual(mismatch());
    expect(log.set("a", "1", { idempotencyKey })).toMatchObject({ kind: "set", index: 1 });
    expect(kv.revision).toBe(1 as Revision);
  });
});

describe("what must not happen", () => {
  const entry = (index: number, command: Uint8Array): LogEntry =>
    encodeEntry({ kind: "command", command }, { index: logIndex(index), term: term(1), timeMs: 0 });

  test("an entry out of its order is refused", () => {
    const { kv, log } = fresh();
    log.noop();
    expect(() => kv.apply(entry(1, new Uint8Array(0)))).toThrow(AssertionError);
    expect(() => kv.apply(entry(3, new Uint8Array(0)))).toThrow(AssertionError);
  });

  test("a command that nobody wrote is refused and changes nothing", () => {
    const { kv } = fresh();
    const before = kv.stateHash;
    expect(() => kv.apply(entry(1, new Uint8Array([0xc0])))).toThrow(MalformedError);
    expect(kv.stateHash).toBe(before);
  });
});
