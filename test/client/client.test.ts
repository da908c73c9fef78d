/** Every call, against the real routes on a node in a map. */
import { describe, expect, test } from "bun:test";
import { IDEMPOTENCY_KEY_PATTERN } from "../../src/api/conditions";
import { createClient } from "../../src/client";
import { FakeNetwork } from "./fake-network";

function clientOnMap() {
  const network = new FakeNetwork();
  const client = createClient({
    endpoints: ["127.0.0.1:8081"],
    surroundings: network.surroundings,
  });
  return { client, network, node: network.backend.node };
}

describe("keys", () => {
  test("set, get, delete, in the API's own words", async () => {
    const { client } = clientOnMap();
    expect(await client.set("name", "balsa")).toEqual({
      key: "name",
      revision: 1,
      term: 3,
      index: 1,
    });
    expect(await client.get("name")).toEqual({
      key: "name",
      value: "balsa",
      create_revision: 1,
      mod_revision: 1,
      version: 1,
    });
    expect(await client.delete("name")).toMatchObject({ deleted: true, revision: 2 });
    expect(await client.delete("name")).toMatchObject({ deleted: false });
    expect(await client.get("name")).toBeNull();
  });

  test("values come as they went: JSON of every kind, dates in strings, bytes", async () => {
    const { client } = clientOnMap();
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    const values = [
      null,
      true,
      0,
      -1.5,
      "",
      "null",
      "42",
      "2026-11-23T10:00:00.000Z",
      "11/23/2026",
      '{"a":1}',
      [],
      {},
      [{ when: "2026-11-23T10:00:00Z" }],
      { get: 1 },
      bytes,
      new Uint8Array(),
    ];
    for (const value of values) {
      await client.set("value", value);
      expect((await client.get("value"))?.value).toEqual(value);
      expect((await client.page()).items[0]?.value).toEqual(value);
      expect((await client.log()).items.at(-1)?.value).toEqual(value);
    }
  });

  test("keys may hold anything, and look like routes", async () => {
    const { client } = clientOnMap();
    const keys = [
      "a/b",
      "ü ?#%",
      "get",
      "post",
      "then",
      "index",
      "~path",
      "__proto__",
      "\0",
      "...",
    ];
    for (const key of keys) {
      await client.set(key, key);
      expect(await client.get(key)).toMatchObject({ key, value: key });
      await client.set(key, new TextEncoder().encode(key));
      expect(await client.delete(key)).toMatchObject({ key, deleted: true });
    }
  });

  test("keys that no path can carry are refused here", async () => {
    const { client, network } = clientOnMap();
    for (const key of ["", ".", "..", "\ud800"]) {
      const refusal = { code: "invalid_request", facts: { outcome: "not_applied" } };
      await expect(client.get(key)).rejects.toMatchObject(refusal);
      await expect(client.set(key, 1)).rejects.toMatchObject(refusal);
      await expect(client.delete(key)).rejects.toMatchObject(refusal);
    }
    expect(network.asked).toEqual([]);
  });

  test("a stale read says how old it may be, of what is not there, too", async () => {
    const { client, node } = clientOnMap();
    await client.set("name", 1);
    expect(await client.getStale("name")).toMatchObject({ item: { value: 1 }, staleness_ms: 7 });
    node.stalenessMs = null;
    expect(await client.getStale("none")).toEqual({ item: null, staleness_ms: "unknown" });
    expect(await client.page({ consistency: "stale" })).toMatchObject({ staleness_ms: "unknown" });
    expect(await client.page()).toMatchObject({ staleness_ms: null });
  });

  test("a listing goes from page to page", async () => {
    const { client, network } = clientOnMap();
    for (const key of ["b/2", "a", "b/1", "b/3", "c"]) await client.set(key, key);
    const found: unknown[] = [];
    for await (const { key, value } of client.list({ prefix: "b/", limit: 2 })) {
      found.push([key, value]);
    }
    expect(found).toEqual(["b/1", "b/2", "b/3"].map((key) => [key, key]));
    expect(network.asked.filter((line) => line.includes("/v1/kv?")).length).toBe(2);
    const keys = (await client.page({ keysOnly: true, prefix: "c" })).items;
    expect(keys).toEqual([{ key: "c", create_revision: 5, mod_revision: 5, version: 1 }]);
  });
});

describe("writes", () => {
  test("conditions: a revision, and absence", async () => {
    const { client } = clientOnMap();
    await client.set("name", 1, { ifRevision: 0 });
    const late = client.set("name", 2, { ifRevision: 0 });
    await expect(late).rejects.toMatchObject({
      code: "precondition_failed",
      facts: { currentRevision: 1, outcome: "not_applied" },
    });
    await client.set("name", 2, { ifRevision: 1 });
    await expect(client.delete("name", { ifRevision: 1 })).rejects.toMatchObject({
      code: "precondition_failed",
      facts: { currentRevision: 2 },
    });
    await client.set("bytes", new Uint8Array([1]), { ifRevision: 0 });
    expect(await client.delete("bytes", { ifRevision: 3 })).toMatchObject({ deleted: true });
  });

  test("each write bears a key of its own, or the one that it is given", async () => {
    const { client, node } = clientOnMap();
    await client.set("a", 1);
    await client.delete("a");
    await client.set("a", 2, { idempotencyKey: "mine" });
    await client.set("a", 2, { idempotencyKey: "mine" });
    const keys = node.proposed.map(({ command }) => command.idempotencyKey);
    expect(keys).toEqual(["key-1", "key-2", "mine", "mine"]);
    expect(await client.get("a")).toMatchObject({ version: 1, value: 2 });
  });

  test("a key that the runtime draws is one that the API takes", async () => {
    const network = new FakeNetwork();
    const { fetch } = network.surroundings;
    const client = createClient({ endpoints: ["127.0.0.1:8081"], surroundings: { fetch } });
    await client.set("a", 1);
    await client.set("a", 2);
    const [one, other] = network.backend.node.proposed.map(({ command }) => command.idempotencyKey);
    expect(one).toMatch(new RegExp(IDEMPOTENCY_KEY_PATTERN));
    expect(one).not.toBe(other ?? null);
  });
});

describe("the cluster", () => {
  test("status, log, snapshot", async () => {
    const { client, node } = clientOnMap();
    node.appendEntry("noop");
    await client.set("name", "balsa");
    expect(await client.status()).toMatchObject({ cluster_id: "c0ffee", quorum: { needed: 2 } });
    const page = await client.log({ from: 1, limit: 2 });
    expect(page.items.map(({ command }) => command)).toEqual(["NOOP", "SET name"]);
    expect(page).toMatchObject({ next_from: 3, commit_index: 2 });
    node.compactedUpTo = 1;
    await expect(client.log({ from: 1 })).rejects.toMatchObject({ code: "compacted" });
    expect(await client.snapshot()).toEqual({ node: 1, index: 8, term: 3, bytes: 1234 });
  });

  test("members come, move, are promoted and go; another leads", async () => {
    const { client, node } = clientOnMap();
    const { members } = client;
    node.membership.settles = true;
    expect((await members.list()).members.length).toBeGreaterThan(0);
    expect(await members.add(9, "127.0.0.1:9089", { learner: true, wait: true })).toMatchObject({
      id: 9,
      stays_learner: true,
    });
    expect(await members.move(9, "127.0.0.1:9099")).toMatchObject({
      peer_address: "127.0.0.1:9099",
    });
    expect(await members.promote(9)).toMatchObject({ state: "voter" });
    expect(await members.get(9)).toMatchObject({ id: 9, voter: true });
    expect(await client.transferLeadership(9)).toEqual({ leader_id: 9 });
    expect(await members.remove(9)).toMatchObject({ id: 9, removed: true });
    await expect(members.get(9)).rejects.toMatchObject({ code: "not_found" });
    expect((await client.transferLeadership()).leader_id).toBeGreaterThan(0);
  });

  test("a backup streams, and says its revision", async () => {
    const { client, node } = clientOnMap();
    await client.set("name", 1);
    node.backupPieces = [new Uint8Array([1, 2]), new Uint8Array([3])];
    const { revision, stream } = await client.backup();
    expect(revision).toBe(1);
    expect([...(await new Response(stream).bytes())]).toEqual([1, 2, 3]);
  });
});

describe("what a client is told", () => {
  const endpointsOf = (...endpoints: string[]) => createClient({ endpoints }).endpoints;

  test("endpoints in their one spelling, each once", () => {
    expect(
      endpointsOf("127.0.0.1:8081", " http://127.0.0.1:8081/", "HTTPS://kv.example", "[::1]:80"),
    ).toEqual(["http://127.0.0.1:8081", "https://kv.example", "http://[::1]"]);
  });
  test("what is no endpoint is refused at once", () => {
    const wrong = [
      "",
      "http://",
      "a b",
      "ftp://a",
      "a:b:c",
      "host:1/path",
      "u:p@h:1",
      "h:1?x",
      "h#",
    ];
    for (const endpoint of wrong) {
      expect(() => endpointsOf(endpoint)).toThrow(`${JSON.stringify(endpoint)} is no endpoint`);
    }
    expect(() => endpointsOf()).toThrow("at least one endpoint");
  });
  test("timeouts from 1 ms to 5 minutes", async () => {
    const { client } = clientOnMap();
    for (const timeoutMs of [0, -1, Number.NaN, 300_001]) {
      await expect(client.status({ timeoutMs })).rejects.toThrow(RangeError);
      expect(() => createClient({ endpoints: ["a:1"], timeoutMs })).toThrow(RangeError);
      expect(() => createClient({ endpoints: ["a:1"], tryTimeoutMs: timeoutMs })).toThrow(
        RangeError,
      );
    }
  });
});
