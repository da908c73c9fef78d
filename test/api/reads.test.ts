import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { KeyValueAnswer, ListAnswer } from "../../src/api/schemas";
import { revision } from "../../src/types";
import { type Ask, apiOnMap, invalidRequest } from "./asking";
import type { MapNode } from "./map-node";

describe("a get", () => {
  test("answers the key with its facts; /v1 also an ETag", async () => {
    const { ask } = apiOnMap();
    await ask("PUT", "/v1/kv/k", { body: "1", headers: { "Content-Type": "text/plain" } });
    const facts = { create_revision: 1, mod_revision: 1, version: 1 };
    const seed = await ask("GET", "/get/k");
    expect(seed.json()).toEqual({ key: "k", value: "1", ...facts });
    expect(Value.Check(KeyValueAnswer, seed.json())).toBe(true);
    expect(seed.headers.get("etag")).toBeNull();
    const full = await ask("GET", "/v1/kv/k");
    expect(full.text).toBe(seed.text);
    expect(full.headers.get("etag")).toBe('"1"');
    expect(full.headers.get("cache-control")).toBe("no-store");
  });
  test("of HEAD is the same without a body", async () => {
    const { ask } = apiOnMap();
    await ask("PUT", "/v1/kv/k", { body: "1" });
    const head = await ask("HEAD", "/v1/kv/k");
    expect([head.status, head.headers.get("etag"), head.text]).toEqual([200, '"1"', ""]);
    expect((await ask("HEAD", "/v1/kv/none")).status).toBe(404);
  });
  test("of an absent key", async () => {
    const { ask } = apiOnMap();
    for (const path of ["/get/a%22b", "/v1/kv/a%22b"]) {
      expect((await ask("GET", path)).json()).toEqual({
        type: "urn:balsa:problem:key_not_found",
        title: "No such key",
        status: 404,
        detail: 'there is no key "a\\"b"',
        code: "key_not_found",
        retryable: false,
        outcome: null,
      });
    }
  });
});

describe("consistency", () => {
  test("is linearizable where nothing is said, and then no age is told", async () => {
    const { ask, node } = apiOnMap();
    await ask("PUT", "/v1/kv/k", { body: "1" });
    for (const path of ["/get/k", "/v1/kv/k", "/v1/kv", "/get/k?consistency=linearizable"]) {
      expect((await ask("GET", path)).headers.get("x-balsa-staleness-ms")).toBeNull();
    }
    expect(new Set(node.reads.map(({ consistency }) => consistency))).toEqual(
      new Set(["linearizable" as const]),
    );
  });
  test("stale is labelled with its age, of absent keys too", async () => {
    const { ask, node } = apiOnMap();
    await ask("PUT", "/v1/kv/k", { body: "1" });
    const paths = ["/get/k", "/v1/kv/k", "/v1/kv", "/get/none"].map(
      (p) => `${p}?consistency=stale`,
    );
    for (const [stalenessMs, label] of [
      [7, "7"],
      [0, "0"],
      [null, "unknown"],
    ] as const) {
      node.stalenessMs = stalenessMs;
      for (const path of paths) {
        expect((await ask("GET", path)).headers.get("x-balsa-staleness-ms")).toBe(label);
      }
    }
    expect(node.reads.every(({ consistency }) => consistency === "stale")).toBe(true);
  });
  test("of another name is refused", async () => {
    const { ask } = apiOnMap();
    const answer = await ask("GET", "/get/k?consistency=eventual");
    expect(answer.json()).toEqual(
      invalidRequest("consistency must be linearizable or stale", null),
    );
  });
});

interface Page {
  readonly items: readonly { readonly key: string }[];
  readonly next_cursor: string | null;
  readonly revision: number;
}
async function page(ask: Ask, query: string): Promise<Page> {
  const listed = (await ask("GET", `/v1/kv?${query}`)).json();
  expect([...Value.Errors(ListAnswer, listed)]).toEqual([]);
  return Value.Decode(ListAnswer, listed);
}
/** Every key, page by page, and how long the pages were. */
async function walk(ask: Ask, query: string) {
  const keys: string[] = [];
  const lengths: number[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const next: Page = await page(ask, cursor === "" ? query : `${query}&cursor=${cursor}`);
    keys.push(...next.items.map(({ key }) => key));
    lengths.push(next.items.length);
    cursor = next.next_cursor;
  }
  return { keys, lengths };
}
function fill(node: MapNode, keys: readonly string[], size = 1) {
  const value = { kind: "text", text: "v".repeat(size) } as const;
  const facts = { createRevision: revision(1), modRevision: revision(1), version: 1 };
  for (const key of keys) node.items.set(key, { key, value, ...facts });
}
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `k${1e6 + at}`);

describe("a list", () => {
  test("is empty where there is nothing", async () => {
    const { ask } = apiOnMap();
    expect(await page(ask, "")).toEqual({ items: [], next_cursor: null, revision: 0 });
  });
  test("is in the order of UTF-8 bytes, which is not that of UTF-16", async () => {
    const { ask, node } = apiOnMap();
    const ordered = ["a", "a/b", "é", "\uffee", "🌲"];
    fill(node, ordered.toReversed());
    expect((await walk(ask, "limit=2")).keys).toEqual(ordered);
  });
  test("has only keys of the prefix, on every page", async () => {
    const { ask, node } = apiOnMap();
    fill(node, ["a", "a%/1", "a%/2", "a%/3", "b"]);
    expect(await walk(ask, "prefix=a%25%2F&limit=2")).toEqual({
      keys: ["a%/1", "a%/2", "a%/3"],
      lengths: [2, 1],
    });
  });
  test("has at most 1,000 items a page, and that many unasked", async () => {
    const { ask, node } = apiOnMap();
    fill(node, numbered(2_001));
    const { keys, lengths } = await walk(ask, "");
    expect(keys).toEqual(numbered(2_001));
    expect(lengths).toEqual([1_000, 1_000, 1]);
  });
  test("ends with a full page where nothing is left", async () => {
    const { ask, node } = apiOnMap();
    fill(node, numbered(4));
    expect((await walk(ask, "limit=2")).lengths).toEqual([2, 2]);
  });
  test("has at most 4 MiB a page", async () => {
    const { ask, node } = apiOnMap();
    fill(node, numbered(6), 1024 * 1024 - 100);
    expect((await walk(ask, "")).lengths).toEqual([4, 2]);
  });
  test("of keys only leaves out the values", async () => {
    const { ask, node } = apiOnMap();
    fill(node, ["k"]);
    const facts = { create_revision: 1, mod_revision: 1, version: 1 };
    const keysOnly = await page(ask, "keys_only=true");
    expect(keysOnly.items).toEqual([{ key: "k", ...facts }]);
    const whole: unknown = (await page(ask, "keys_only=false")).items;
    expect(whole).toEqual([{ key: "k", value: "v", ...facts }]);
  });

  const CURSOR = "the cursor is not a next_cursor of a listing of this prefix";
  const LIMIT = "limit must be an integer from 1 to 1000";
  const cursorOf = (text: string | number[]) => Buffer.from(text as string).toString("base64url");
  const refused: readonly (readonly [query: string, detail: string])[] = [
    ...["0", "1001", "-1", "1.5", "x", "", "1e9"].map((n) => [`limit=${n}`, LIMIT] as const),
    ["keys_only=1", "keys_only must be true or false"],
    ["keys_only=", "keys_only must be true or false"],
    ["cursor=", CURSOR],
    ["cursor=!!", CURSOR],
    [`cursor=${cursorOf("1")}`, CURSOR],
    [`cursor=${cursorOf("2key")}`, CURSOR],
    [`cursor=${cursorOf([0x31, 0xff])}`, CURSOR],
    [`cursor=${cursorOf("1key")}=`, CURSOR],
    [`prefix=other&cursor=${cursorOf("1key")}`, CURSOR],
    ["prefix=%ff", "the query has an escape that is not UTF-8: %ff"],
    [`prefix=${"x".repeat(1025)}`, "the prefix has 1025 bytes; a key has at most 1024"],
    ["order=desc", "query order: unexpected property"],
    ["__proto__=1", "query __proto__: unexpected property"],
    ["limit=1&limit=1", "the query gives limit twice"],
    ["limit=1&%6cimit=1", "the query gives limit twice"],
    ["=1", "a query parameter has no name"],
  ];
  for (const [query, detail] of refused) {
    test(`?${query.slice(0, 30)} is refused`, async () => {
      const { ask, node } = apiOnMap();
      const answer = await ask("GET", `/v1/kv?${query}`);
      expect(answer.json()).toEqual(invalidRequest(detail, null));
      expect(node.reads).toEqual([]);
    });
  }
});
