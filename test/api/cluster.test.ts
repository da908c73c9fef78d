/** The committed log and the status of the cluster. */
import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { LogAnswer, StatusAnswer } from "../../src/api/schemas";
import { apiOnMap, invalidRequest } from "./asking";

describe("the log", () => {
  test("names each command as the seed does", async () => {
    const { ask, node } = apiOnMap();
    node.appendEntry("noop");
    node.appendEntry("configuration");
    await ask("PUT", "/v1/kv/name", { body: "é", headers: { "Content-Type": "text/plain" } });
    await ask("POST", "/set", { body: '{"key":"a \\"b\\"","value":{"x":[1]}}' });
    await ask("PUT", "/v1/kv/bin", { body: new Uint8Array([255]) });
    await ask("DELETE", "/v1/kv/name");
    const answer = await ask("GET", "/v1/log");
    const at = (index: number) => ({ index, term: 3 });
    expect(answer.json()).toEqual({
      items: [
        { ...at(1), command: "NOOP", key: null, value: null },
        { ...at(2), command: "CONFIG", key: null, value: null },
        { ...at(3), command: "SET name", key: "name", value: "é" },
        { ...at(4), command: 'SET a "b"', key: 'a "b"', value: { x: [1] } },
        { ...at(5), command: "SET bin", key: "bin", value: "/w==", encoding: "base64" },
        { ...at(6), command: "DELETE name", key: "name", value: null },
      ],
      next_from: 7,
      commit_index: 6,
    });
    expect(Value.Check(LogAnswer, answer.json())).toBe(true);
  });

  test("comes in pages of 100, or of up to 1,000", async () => {
    const { ask, node } = apiOnMap();
    for (let count = 0; count < 1_001; count++) node.appendEntry("noop");
    const page = async (query: string) => {
      const { items, ...rest } = Value.Decode(
        LogAnswer,
        (await ask("GET", `/v1/log?${query}`)).json(),
      );
      return [items[0]?.index, items.length, rest.next_from, rest.commit_index];
    };
    expect(await page("")).toEqual([1, 100, 101, 1_001]);
    expect(await page("limit=1000")).toEqual([1, 1_000, 1_001, 1_001]);
    expect(await page("from=1001&limit=1000")).toEqual([1_001, 1, 1_002, 1_001]);
    expect(await page("from=1002")).toEqual([undefined, 0, 1_002, 1_001]);
    expect(await page("from=9007199254740991")).toEqual([undefined, 0, 9007199254740991, 1_001]);
  });
  test("has about 4 MiB a page, and always an entry", async () => {
    const { ask } = apiOnMap();
    const body = new Uint8Array(1024 * 1024);
    for (let count = 0; count < 5; count++) await ask("PUT", "/v1/kv/k", { body });
    const page = (await ask("GET", "/v1/log")).json();
    expect(page).toMatchObject({ next_from: 4, commit_index: 5 });
  });
  test("is gone where it was compacted", async () => {
    const { ask, node } = apiOnMap();
    node.compactedUpTo = 5;
    expect((await ask("GET", "/v1/log?from=5")).json()).toEqual({
      type: "urn:balsa:problem:compacted",
      title: "Compacted away",
      status: 410,
      detail: "entries up to 5 are gone",
      code: "compacted",
      retryable: false,
      outcome: null,
    });
  });

  const FROM = "from must be an index, 1 or more";
  const LIMIT = "limit must be an integer from 1 to 1000";
  const refused = {
    "from=0": FROM,
    "from=-1": FROM,
    "from=x": FROM,
    "from=1.5": FROM,
    "from=9007199254740992": FROM,
    "limit=0": LIMIT,
    "limit=1001": LIMIT,
    "timeout=61s": "timeout must be from 1ms to 60s, such as 500ms or 2s",
  };
  for (const [query, detail] of Object.entries(refused)) {
    test(`?${query} is refused`, async () => {
      const { ask } = apiOnMap();
      expect((await ask("GET", `/v1/log?${query}`)).json()).toEqual(invalidRequest(detail, null));
    });
  }
});

describe("the status", () => {
  test("says what this node knows of every node; null was never heard", async () => {
    const { ask } = apiOnMap();
    const answer = await ask("GET", "/cluster/status");
    expect(answer.status).toBe(200);
    expect(Value.Check(StatusAnswer, answer.json())).toBe(true);
    expect(answer.json()).toEqual({
      cluster_id: "c0ffee",
      term: 3,
      leader: { id: 2, address: null },
      quorum: { voters: 2, needed: 2, reachable: 1 },
      nodes: [
        {
          id: 1,
          address: "127.0.0.1:8081",
          peer_address: "127.0.0.1:9081",
          peers: ["127.0.0.1:9082"],
          role: "Follower",
          healthy: true,
          voter: true,
          term: 3,
          commit_index: 9,
          applied_index: 8,
          last_log_index: 10,
          snapshot_index: null,
          last_contact_ms: 0,
        },
        {
          id: 2,
          address: null,
          peer_address: "127.0.0.1:9082",
          peers: ["127.0.0.1:9081"],
          role: null,
          healthy: false,
          voter: true,
          term: null,
          commit_index: null,
          applied_index: null,
          last_log_index: null,
          snapshot_index: null,
          last_contact_ms: null,
        },
      ],
    });
  });
  test("has no leader where none is known", async () => {
    const { ask, node } = apiOnMap();
    node.leaderKnown = false;
    expect((await ask("GET", "/cluster/status")).json()).toMatchObject({ leader: null });
  });
});
