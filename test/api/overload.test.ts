/** A node that has no room for writes: what its API does with them. */
import { describe, expect, test } from "bun:test";
import { overloaded } from "../../src/errors";
import { apiOnMap } from "./asking";

const FULL = overloaded("8192 writes are under way on this node");
const problem = {
  type: "urn:balsa:problem:overloaded",
  title: "Overloaded",
  status: 429,
  detail: "8192 writes are under way on this node",
  code: "overloaded",
  retryable: true,
  outcome: "not_applied",
};

/** An API whose node is full. */
function fullApi() {
  const made = apiOnMap();
  made.node.writeRefusal = FULL;
  return made;
}

describe("a node without room for writes", () => {
  const writes = [
    ["POST", "/set", { body: '{"key":"k","value":1}' }],
    ["PUT", "/v1/kv/k", { body: "x" }],
    ["PUT", "/v1/kv/a%2Fb?timeout=2s", { body: "x" }],
    ["DELETE", "/v1/kv/k", {}],
  ] as const;
  for (const [method, path, asked] of writes) {
    test(`refuses ${method} ${path}`, async () => {
      const { ask, internalErrors, node } = fullApi();
      const answer = await ask(method, path, asked);
      expect(answer.json()).toEqual(problem);
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect([node.proposed, internalErrors]).toEqual([[], []]);
    });
  }

  test("does not read what it refuses", async () => {
    const { api } = fullApi();
    const body = "{ no JSON, and never looked at";
    const request = new Request("http://localhost/set", { method: "POST", body });
    expect((await api.handle(request)).status).toBe(429);
    expect(request.bodyUsed).toBe(false);
  });

  test("answers when it is the refusal's turn, which is within the request's timeout", async () => {
    const { ask, node } = fullApi();
    const waiting: (() => void)[] = [];
    node.queue = (tell) => waiting.push(tell);
    const answers = ["/set", "/set?timeout=40ms"].map((path) => ask("POST", path, { body: "{}" }));
    const first = Promise.race([...answers, Promise.resolve("nobody yet")]);
    expect(await first).toBe("nobody yet");
    expect(node.refused).toEqual([5_000, 40]);
    for (const tell of waiting) tell();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([429, 429]);
  });

  test("still says what is wrong with a timeout that is none", async () => {
    const { ask, node } = fullApi();
    expect((await ask("DELETE", "/v1/kv/k?timeout=never")).status).toBe(400);
    expect(node.refused).toEqual([]);
  });

  test("still refuses for good what no route takes, and a query that none takes", async () => {
    const { ask, node } = fullApi();
    const body = { body: '{"key":"k","value":1}' };
    expect((await ask("PUT", "/v1/kv/", body)).status).toBe(400);
    expect((await ask("PUT", "/v1/kv/a/b", body)).status).toBe(404);
    expect((await ask("DELETE", "/v1/kv/k?force=true")).status).toBe(400);
    expect((await ask("POST", "/set?ttl=1s", body)).status).toBe(400);
    expect([node.refused, node.proposed]).toEqual([[], []]);
  });

  test("answers everything else", async () => {
    const { ask, node } = fullApi();
    for (const path of ["/get/k", "/v1/kv/k", "/set"]) {
      expect((await ask("GET", path)).status).toBe(path === "/set" ? 405 : 404);
    }
    expect((await ask("GET", "/cluster/status")).status).toBe(200);
    expect((await ask("POST", "/v1/snapshot")).status).toBe(200);
    expect(node.refused).toEqual([]);
  });

  test("turns a foreign page away for being foreign", async () => {
    const { ask, node } = fullApi();
    const headers = { origin: "http://foreign.example" };
    expect((await ask("POST", "/set", { body: "{}", headers })).status).toBe(403);
    expect(node.refused).toEqual([]);
  });

  test("lets its own pages read the refusal", async () => {
    const { ask } = fullApi();
    const headers = { origin: "http://localhost" };
    const answer = await ask("POST", "/set", { body: "{}", headers });
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost");
  });

  test("counts what it refuses by route, and takes writes again once there is room", async () => {
    const { ask, node } = fullApi();
    await ask("POST", "/set", { body: "{}" });
    await ask("DELETE", "/v1/kv/k");
    node.writeRefusal = null;
    expect((await ask("POST", "/set", { body: '{"key":"k","value":1}' })).status).toBe(200);
    const { text } = await ask("GET", "/metrics");
    const counted = (labels: string) => `balsa_http_requests_total{${labels}} 1\n`;
    expect(text).toContain(counted('method="POST",route="/set",status="429"'));
    expect(text).toContain(counted('method="POST",route="/set",status="200"'));
    expect(text).toContain(counted('method="DELETE",route="/v1/kv/:key",status="429"'));
  });
});

test("asking whether there is room makes nobody wait", () => {
  const { api } = apiOnMap();
  // Elysia looks at a hook's text for calls whose results it would have to wait for.
  expect(String(api.fetch)).toContain("mapEarlyResponse(onRequest[0](c)");
});
