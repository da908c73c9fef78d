import { describe, expect, test } from "bun:test";
import { apiOnMap } from "./asking";

const forbidden = (detail: string, outcome: string | null) => ({
  type: "urn:balsa:problem:forbidden_origin",
  title: "Foreign Origin or Host",
  status: 403,
  detail,
  code: "forbidden_origin",
  retryable: false,
  outcome,
});

describe("Host", () => {
  const own = [
    ...["localhost", "LOCALHOST:8081", "127.0.0.1", "127.0.0.1:8081", "10.1.2.3:1", "[::1]:8081"],
    ...["kv.example:8082", "KV.example", "kv.example:443", "own.example:8080"],
  ];
  for (const host of own) {
    test(`${host} is served`, async () => {
      const { ask } = apiOnMap();
      expect((await ask("GET", "/livez", { headers: { Host: host } })).status).toBe(200);
    });
  }
  const foreign = [
    ...["evil.example", "evil.example:8081", "kv.example.evil", "localhost.evil", "xlocalhost"],
    ...[
      "127.0.0.1.evil:80",
      "127.0.0.1x",
      "256.1.1.1",
      "a b",
      "[::1",
      "127.0.0.1:x",
      "",
      "sub.kv.example",
    ],
  ];
  for (const host of foreign) {
    test(`${host || "an empty one"} is refused`, async () => {
      const { ask, node } = apiOnMap();
      const headers = { Host: host };
      const detail = `the Host ${host} is no IP address, localhost or name of a member`;
      // Also after a good one, which is remembered.
      await ask("GET", "/livez", { headers: { Host: "127.0.0.1:8081" } });
      expect((await ask("GET", "/get/k", { headers })).json()).toEqual(forbidden(detail, null));
      const write = await ask("PUT", "/v1/kv/k", { body: "x", headers });
      expect(write.json()).toEqual(forbidden(detail, "not_applied"));
      expect((await ask("GET", "/livez", { headers })).status).toBe(403);
      expect(node.proposed).toEqual([]);
    });
  }
  test("becomes foreign with the member whose name it was", async () => {
    const { ask, node } = apiOnMap();
    const headers = { Host: "kv.example:8082" };
    expect((await ask("GET", "/livez", { headers })).status).toBe(200);
    node.announced = [];
    expect((await ask("GET", "/livez", { headers })).status).toBe(403);
  });
});

describe("Origin", () => {
  const own: readonly (readonly [origin: string, host: string])[] = [
    ["http://127.0.0.1:8081", "localhost:8083"],
    ["http://kv.example:8082", "127.0.0.1:8081"],
    ["https://kv.example:8082", "127.0.0.1:8081"],
    ["http://own.example:8080", "127.0.0.1:8081"],
    // The page came from here, under a name that was not announced.
    ["http://localhost:9999", "localhost:9999"],
    ["http://[::1]:9999", "[::1]:9999"],
    ["http://10.0.0.1", "10.0.0.1:80"],
    ["https://10.0.0.1", "10.0.0.1:443"],
  ];
  for (const [origin, host] of own) {
    test(`${origin} may read what ${host} says`, async () => {
      const { ask } = apiOnMap();
      const headers = { Origin: origin, Host: host };
      for (const path of ["/livez", "/get/none", "/get/%ff"]) {
        const answer = await ask("GET", path, { headers });
        expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
        expect(answer.headers.get("vary")).toBe("Origin");
        expect(answer.headers.get("access-control-expose-headers")).toContain("X-Balsa-Leader");
      }
    });
  }
  const foreign = [
    ...["http://evil.example", "null", "", "http://127.0.0.1:8089", "http://127.0.0.1", "file://"],
    ...[
      "http://localhost:8081",
      "ftp://127.0.0.1:8081",
      "http://kv.example:8082/",
      "kv.example:8082",
    ],
    ...["http://evil@kv.example:8082", "http://kv.example:8082.evil", "http://sub.kv.example:8082"],
  ];
  for (const origin of foreign) {
    test(`${origin || "an empty one"} is refused`, async () => {
      const { ask, node } = apiOnMap();
      const headers = { Origin: origin, Host: "127.0.0.1:8081" };
      const detail = `the Origin ${origin} is no member of this cluster`;
      const read = await ask("GET", "/get/k", { headers });
      expect(read.json()).toEqual(forbidden(detail, null));
      expect(read.headers.get("access-control-allow-origin")).toBeNull();
      const body = '{"key":"k","value":1}';
      const write = await ask("POST", "/set", { body, headers });
      expect(write.json()).toEqual(forbidden(detail, "not_applied"));
      expect((await ask("OPTIONS", "/set", { headers })).status).toBe(403);
      expect(node.proposed).toEqual([]);
    });
  }

  test("of a member passes the preflight of a conditional PUT", async () => {
    const { ask } = apiOnMap();
    const answer = await ask("OPTIONS", "/v1/kv/k", {
      headers: {
        Origin: "http://kv.example:8082",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "if-match,idempotency-key",
      },
    });
    expect(answer.status).toBe(204);
    const said = (name: string) => answer.headers.get(`access-control-${name}`);
    expect(said("allow-origin")).toBe("http://kv.example:8082");
    expect(said("allow-methods")).toBe("GET, HEAD, PUT, DELETE, OPTIONS");
    expect(said("allow-headers")).toContain("If-Match, If-None-Match, Idempotency-Key");
    expect(said("max-age")).toBe("600");
  });
  test("is added to what else an answer varies with", async () => {
    const { ask } = apiOnMap();
    await ask("PUT", "/v1/kv/k", { body: "x" });
    const answer = await ask("GET", "/v1/kv/k", { headers: { Origin: "http://kv.example:8082" } });
    expect(answer.headers.get("vary")).toBe("Accept, Origin");
  });
});
