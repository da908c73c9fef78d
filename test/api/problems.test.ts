/** Every status and code that the interface names, as its whole problem body. */
import { describe, expect, test } from "bun:test";
import {
  noLeader,
  outcomeUnknown,
  outOfSpace,
  overloaded,
  type RequestError,
  shuttingDown,
  timedOut,
} from "../../src/errors";
import { apiOnMap } from "./asking";

const problem = (status: number, code: string, title: string) => ({
  type: `urn:balsa:problem:${code}`,
  title,
  status,
  code,
});

describe("a failure of the node", () => {
  const failures: readonly (readonly [error: RequestError, body: Record<string, unknown>])[] = [
    [
      overloaded("1000 writes are waiting"),
      {
        ...problem(429, "overloaded", "Overloaded"),
        detail: "1000 writes are waiting",
        retryable: true,
        outcome: "not_applied",
      },
    ],
    [
      noLeader("2 voters needed, 1 reachable"),
      {
        ...problem(503, "no_leader", "No leader"),
        detail: "2 voters needed, 1 reachable",
        retryable: true,
        outcome: "not_applied",
      },
    ],
    [
      shuttingDown(),
      {
        ...problem(503, "shutting_down", "Shutting down"),
        detail: "this node is shutting down; ask another",
        retryable: true,
        outcome: "not_applied",
      },
    ],
    [
      outcomeUnknown("the leader lost office after it appended"),
      {
        ...problem(504, "outcome_unknown", "Outcome unknown"),
        detail: "the leader lost office after it appended",
        retryable: false,
        outcome: "unknown",
      },
    ],
    [
      timedOut("not committed within 5s", "unknown"),
      {
        ...problem(504, "timeout", "Timed out"),
        detail: "not committed within 5s",
        retryable: false,
        outcome: "unknown",
      },
    ],
    [
      timedOut("never left this node", "not_applied"),
      {
        ...problem(504, "timeout", "Timed out"),
        detail: "never left this node",
        retryable: true,
        outcome: "not_applied",
      },
    ],
    [
      outOfSpace("2 of 3 disks are full"),
      {
        ...problem(507, "out_of_space", "Out of space"),
        detail: "2 of 3 disks are full",
        retryable: false,
        outcome: "not_applied",
      },
    ],
  ];
  for (const [error, body] of failures) {
    test(`${error.code}, ${error.facts.outcome}: a read has no outcome`, async () => {
      const { ask, node, internalErrors } = apiOnMap();
      node.fault = error;
      const set = await ask("POST", "/set", { body: '{"key":"k","value":1}' });
      expect(set.json()).toEqual(body);
      expect((await ask("PUT", "/v1/kv/k", { body: "x" })).json()).toEqual(body);
      expect((await ask("DELETE", "/v1/kv/k")).json()).toEqual(body);
      for (const path of ["/get/k", "/v1/kv/k", "/v1/kv"]) {
        expect((await ask("GET", path)).json()).toEqual({ ...body, outcome: null });
      }
      expect(set.headers.get("retry-after")).toBe(error.code === "overloaded" ? "1" : null);
      expect(internalErrors).toEqual([]);
    });
  }

  test("that nobody expected is told to the log, not to the client", async () => {
    const { ask, node, internalErrors } = apiOnMap();
    const fault = new TypeError("secret: /srv/data");
    node.fault = fault;
    const body = {
      ...problem(500, "internal", "Internal error"),
      detail: "this node met an error of its own; its log says more",
      retryable: false,
      outcome: "unknown",
    };
    expect((await ask("PUT", "/v1/kv/k", { body: "x" })).json()).toEqual(body);
    expect((await ask("GET", "/get/k")).json()).toEqual({ ...body, outcome: null });
    expect(internalErrors).toEqual([fault, fault]);
  });
});

describe("a path that is not there", () => {
  const paths = [
    "/dashboard/",
    "/nope",
    "/get",
    "/set/",
    "/v1",
    "/livez/",
    "/v1/kv/a/b",
    "/v2/kv",
    "//get/k",
  ];
  for (const path of paths) {
    test(path, async () => {
      const { ask } = apiOnMap();
      const body = {
        ...problem(404, "not_found", "Nothing there"),
        detail: `there is nothing at ${path}; GET /openapi lists what there is`,
        retryable: false,
        outcome: null,
      };
      expect((await ask("GET", path)).json()).toEqual(body);
      expect((await ask("POST", path, { body: "x" })).json()).toEqual(body);
      expect((await ask("OPTIONS", path)).status).toBe(404);
    });
  }
});

describe("a method that a path does not take", () => {
  const cases: readonly (readonly [method: string, path: string, allow: string])[] = [
    ["POST", "/get/k", "GET, HEAD, OPTIONS"],
    ["GET", "/set", "POST, OPTIONS"],
    ["HEAD", "/set", "POST, OPTIONS"],
    ["PATCH", "/v1/kv/k", "GET, HEAD, PUT, DELETE, OPTIONS"],
    ["POST", "/v1/kv/k%2F", "GET, HEAD, PUT, DELETE, OPTIONS"],
    ["DELETE", "/v1/kv", "GET, HEAD, OPTIONS"],
    ["PUT", "/cluster/status", "GET, HEAD, OPTIONS"],
    ["DELETE", "/livez", "GET, HEAD, OPTIONS"],
  ];
  for (const [method, path, allow] of cases) {
    test(`${method} ${path}`, async () => {
      const { ask, node } = apiOnMap();
      const answer = await ask(method, path);
      expect(answer.status).toBe(405);
      expect(answer.headers.get("allow")).toBe(allow);
      expect(node.proposed).toEqual([]);
      if (method === "HEAD") return;
      expect(answer.json()).toEqual({
        ...problem(405, "method_not_allowed", "Method not allowed"),
        detail: `${path} takes ${allow}, not ${method}`,
        retryable: false,
        outcome: null,
      });
    });
  }
  test("but OPTIONS says what it takes", async () => {
    const { ask } = apiOnMap();
    const answer = await ask("OPTIONS", "/set");
    expect([answer.status, answer.headers.get("allow"), answer.text]).toEqual([
      204,
      "POST, OPTIONS",
      "",
    ]);
  });
});

describe("a query name that nobody knows is refused by every route", () => {
  const routes = [
    "/get/k",
    "/cluster/status",
    "/v1/kv/k",
    "/v1/kv",
    "/v1/log",
    "/livez",
    "/readyz",
  ];
  for (const path of [...routes, "/metrics", "/openapi", "/openapi/json", "/openapi/page.js"]) {
    test(path, async () => {
      const { ask } = apiOnMap();
      const answer = await ask("GET", `${path}?verbose=1`);
      expect(answer.json()).toMatchObject({
        status: 400,
        detail: "query verbose: unexpected property",
      });
    });
  }
});

test("what a problem quotes is cut short, never within a character", async () => {
  const { ask } = apiOnMap();
  const body = `{"key":"k","value":1,"${"🌲".repeat(5_000)}":1}`;
  const { detail } = (await ask("POST", "/set", { body })).json() as { detail: string };
  expect(detail).toHaveLength(2_001);
  expect(detail).toEndWith("…");
  expect(detail.isWellFormed()).toBe(true);
});

describe("headers of every answer", () => {
  test("name node, leader, term and revision", async () => {
    const { ask } = apiOnMap();
    await ask("PUT", "/v1/kv/k", { body: "x" });
    for (const path of ["/get/k", "/nope", "/get/%ff", "/livez", "/metrics", "/openapi"]) {
      const { headers } = await ask("GET", path);
      const names = ["node", "leader", "term", "revision"].map((name) =>
        headers.get(`x-balsa-${name}`),
      );
      expect(names).toEqual(["1", "2", "3", "1"]);
    }
  });
  test("leave out what is not known", async () => {
    const { ask, node } = apiOnMap();
    await ask("GET", "/livez");
    node.leaderKnown = false;
    const { headers } = await ask("GET", "/livez");
    expect([headers.get("x-balsa-leader"), headers.get("x-balsa-term")]).toEqual([null, null]);
    node.leaderKnown = true;
    expect((await ask("GET", "/livez")).headers.get("x-balsa-leader")).toBe("2");
  });
});
