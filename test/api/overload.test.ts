/** A node that has no room for writes: what its API does with them. */
import { describe, expect, test } from "bun:test";
import { overloaded } from "../../src/errors";
import { apiOnMap } from "./asking";

const problem = {
  type: "urn:balsa:problem:overloaded",
  title: "Overloaded",
  status: 429,
  detail: "no room",
  code: "overloaded",
  retryable: true,
  outcome: "not_applied",
};

/** An API whose node is full; `makeRoom` and `refuse` end the wait of all who wait for room. */
function fullApi() {
  const made = apiOnMap();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  made.node.hasRoom = false;
  made.node.room = () => promise;
  const refuse = () => reject(overloaded("no room"));
  return { ...made, makeRoom: resolve, refuse };
}

const writes = [
  ["POST", "/set", { body: '{"key":"k","value":1}' }],
  ["PUT", "/v1/kv/k", { body: "x" }],
  ["PUT", "/v1/kv/a%2Fb?timeout=2s", { body: "x" }],
  ["DELETE", "/v1/kv/k", {}],
] as const;

describe("a node without room for writes", () => {
  for (const [method, path, asked] of writes) {
    test(`refuses ${method} ${path} once it has waited in vain`, async () => {
      const { ask, internalErrors, node, refuse } = fullApi();
      const asking = ask(method, path, asked);
      expect(await Promise.race([asking, "nobody yet"])).toBe("nobody yet");
      refuse();
      const answer = await asking;
      expect(answer.json()).toEqual(problem);
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect([node.waited.length, node.proposed, internalErrors]).toEqual([1, [], []]);
    });

    test(`takes ${method} ${path} once there is room`, async () => {
      const { ask, makeRoom, node } = fullApi();
      const asking = ask(method, path, asked);
      expect(node.proposed).toEqual([]);
      makeRoom();
      expect((await asking).status).toBe(200);
      expect(node.proposed).toHaveLength(1);
    });
  }

  test("does not read what it has no room for", async () => {
    const { api, refuse } = fullApi();
    for (const [method, path] of [
      ["POST", "/set"],
      ["PUT", "/v1/kv/k"],
    ]) {
      const body = "{ no JSON, and never looked at";
      const request = new Request(`http://localhost${path}`, { method: method ?? "", body });
      const answer = api.handle(request);
      refuse();
      expect((await answer).status).toBe(429);
      expect(request.bodyUsed).toBe(false);
    }
  });

  test("takes what a write waited off its time", async () => {
    const { ask, elapse, makeRoom, node } = fullApi();
    const answer = ask("POST", "/set?timeout=400ms", { body: '{"key":"k","value":1}' });
    elapse(300);
    makeRoom();
    expect((await answer).status).toBe(200);
    expect([...node.waited, ...node.proposed.map(({ timeoutMs }) => timeoutMs)]).toEqual([
      400, 100,
    ]);
  });

  test("proposes nothing whose time was up before it was there", async () => {
    const { api, elapse, node } = apiOnMap();
    const arriving = new ReadableStream<Uint8Array>(
      {
        pull(body) {
          elapse(400);
          body.enqueue(new TextEncoder().encode('{"key":"k","value":1}'));
          body.close();
        },
      },
      { highWaterMark: 0 },
    );
    const url = "http://localhost/set?timeout=400ms";
    const answer = await api.handle(new Request(url, { method: "POST", body: arriving }));
    expect(answer.status).toBe(504);
    expect(await answer.json()).toMatchObject({ code: "timeout", outcome: "not_applied" });
    expect(node.proposed).toEqual([]);
  });

  test("forgets a write whose client has hung up", async () => {
    const { api, makeRoom, node } = fullApi();
    const client = new AbortController();
    const { signal } = client;
    const request = new Request("http://localhost/v1/kv/k", { method: "DELETE", signal });
    const answer = api.handle(request);
    client.abort();
    makeRoom();
    expect((await answer).status).toBe(400);
    expect(node.proposed).toEqual([]);
  });

  test("still refuses for good, and at once, what no route takes as it is", async () => {
    const { ask, node } = fullApi();
    const body = { body: '{"key":"k","value":1}' };
    expect((await ask("DELETE", "/v1/kv/k?timeout=never")).status).toBe(400);
    expect((await ask("POST", "/set?timeout=never", body)).status).toBe(400);
    expect((await ask("PUT", "/v1/kv/", body)).status).toBe(400);
    expect((await ask("PUT", "/v1/kv/a/b", body)).status).toBe(404);
    expect((await ask("DELETE", "/v1/kv/k?force=true")).status).toBe(400);
    expect((await ask("POST", "/set?ttl=1s", body)).status).toBe(400);
    expect([node.waited, node.proposed]).toEqual([[], []]);
  });

  test("answers everything else", async () => {
    const { ask, node } = fullApi();
    for (const path of ["/get/k", "/v1/kv/k", "/set"]) {
      expect((await ask("GET", path)).status).toBe(path === "/set" ? 405 : 404);
    }
    expect((await ask("HEAD", "/v1/kv/k")).status).toBe(404);
    expect((await ask("GET", "/cluster/status")).status).toBe(200);
    expect((await ask("POST", "/v1/snapshot")).status).toBe(200);
    expect(node.waited).toEqual([]);
  });

  test("turns a foreign page away for being foreign", async () => {
    const { ask, node } = fullApi();
    const headers = { origin: "http://foreign.example" };
    expect((await ask("POST", "/set", { body: "{}", headers })).status).toBe(403);
    expect(node.waited).toEqual([]);
  });

  test("lets its own pages read the refusal", async () => {
    const { ask, refuse } = fullApi();
    refuse();
    const headers = { origin: "http://localhost" };
    const answer = await ask("POST", "/set", { body: "{}", headers });
    expect(answer.status).toBe(429);
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost");
  });

  test("counts what it refuses by route, and takes writes again once there is room", async () => {
    const { ask, node, refuse } = fullApi();
    refuse();
    await ask("POST", "/set", { body: "{}" });
    await ask("DELETE", "/v1/kv/k");
    node.hasRoom = true;
    expect((await ask("POST", "/set", { body: '{"key":"k","value":1}' })).status).toBe(200);
    const { text } = await ask("GET", "/metrics");
    const counted = (labels: string) => `balsa_http_requests_total{${labels}} 1\n`;
    expect(text).toContain(counted('method="POST",route="/set",status="429"'));
    expect(text).toContain(counted('method="POST",route="/set",status="200"'));
    expect(text).toContain(counted('method="DELETE",route="/v1/kv/:key",status="429"'));
  });
});

test("hooks on the way of every request make nobody wait", () => {
  const { api } = apiOnMap();
  // Elysia looks at a hook's text for calls whose results it would have to wait for.
  expect(String(api.fetch)).toContain("onRequest[0](c)");
  expect(String(api.fetch)).not.toContain("await onRequest");
});
