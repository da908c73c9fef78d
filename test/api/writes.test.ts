import { describe, expect, test } from "bun:test";
import { revision } from "../../src/types";
import { apiOnMap, invalidRequest } from "./asking";

describe("a write answers where it was decided", () => {
  test("a set", async () => {
    const { ask } = apiOnMap();
    const first = await ask("POST", "/set", { body: '{"key":"k","value":"v"}' });
    expect(first.text).toBe('{"key":"k","revision":1,"term":3,"index":1}');
    expect(first.headers.get("x-balsa-revision")).toBe("1");
    const second = await ask("PUT", "/v1/kv/k", { body: "w" });
    expect(second.text).toBe('{"key":"k","revision":2,"term":3,"index":2}');
  });
  test("a delete, of what was there and of what was not", async () => {
    const { ask } = apiOnMap();
    await ask("PUT", "/v1/kv/k", { body: "v" });
    expect((await ask("DELETE", "/v1/kv/k")).text).toBe(
      '{"key":"k","deleted":true,"revision":2,"term":3,"index":2}',
    );
    expect((await ask("DELETE", "/v1/kv/k")).text).toBe(
      '{"key":"k","deleted":false,"revision":2,"term":3,"index":3}',
    );
  });
});

describe("POST /set reads JSON whatever the content type", () => {
  const body = '{"key":"k","value":[1]}';
  const types = [
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data",
    "nonsense",
  ];
  for (const type of types) {
    test(type, async () => {
      const { ask } = apiOnMap();
      expect((await ask("POST", "/set", { body, headers: { "Content-Type": type } })).status).toBe(
        200,
      );
    });
  }
  test("none", async () => {
    const { ask } = apiOnMap();
    expect((await ask("POST", "/set", { body: new TextEncoder().encode(body) })).status).toBe(200);
  });

  const refused: readonly (readonly [body: string, detail: string])[] = [
    ['{"key":"k"}', "body value: expected required property"],
    ['{"value":1}', "body key: expected required property"],
    ['{"key":"k","value":1,"ttl":5}', "body ttl: unexpected property"],
    ['{"key":"k","key":"l","value":1}', "an object in the JSON has two members of the same name"],
    ["[]", "body: expected object"],
    ["null", "body: expected object"],
    ['"k"', "body: expected object"],
  ];
  for (const [given, detail] of refused) {
    test(`but not ${given}`, async () => {
      const { ask, node } = apiOnMap();
      expect((await ask("POST", "/set", { body: given })).json()).toEqual(invalidRequest(detail));
      expect(node.proposed).toEqual([]);
    });
  }
});

describe("conditions", () => {
  const writes = [
    ["PUT", "/v1/kv/k", { body: "new" }],
    ["DELETE", "/v1/kv/k", {}],
    ["POST", "/set", { body: '{"key":"k","value":"new"}' }],
  ] as const;
  for (const [method, path, asked] of writes) {
    test(`on ${method}: If-Match`, async () => {
      const { ask, node } = apiOnMap();
      await ask("PUT", "/v1/kv/other", { body: "" });
      await ask("PUT", "/v1/kv/k", { body: "old" });
      const miss = await ask(method, path, { ...asked, headers: { "If-Match": '"1"' } });
      expect(miss.json()).toEqual(preconditionFailed(2));
      const hit = await ask(method, path, { ...asked, headers: { "If-Match": '"2"' } });
      expect(hit.status).toBe(200);
      expect(node.proposed.at(-1)?.command.condition).toEqual({
        kind: "revisionIs",
        revision: revision(2),
      });
    });
    test(`on ${method}: If-None-Match`, async () => {
      const { ask, node } = apiOnMap();
      const headers = { "If-None-Match": "*" };
      expect((await ask(method, path, { ...asked, headers })).status).toBe(200);
      expect(node.proposed.at(-1)?.command.condition).toEqual({ kind: "keyIsAbsent" });
      await ask("PUT", "/v1/kv/k", { body: "there" });
      const { modRevision = 0 } = node.items.get("k") ?? {};
      const miss = await ask(method, path, { ...asked, headers });
      expect(miss.json()).toEqual(preconditionFailed(modRevision));
    });
  }
  const preconditionFailed = (current: number) => ({
    type: "urn:balsa:problem:precondition_failed",
    title: "The condition does not hold",
    status: 412,
    detail: `the key's revision is ${current}, which the condition does not allow`,
    code: "precondition_failed",
    retryable: false,
    outcome: "not_applied",
    current_revision: current,
  });

  test("an absent key has the revision 0", async () => {
    const { ask } = apiOnMap();
    const answer = await ask("DELETE", "/v1/kv/k", { headers: { "If-Match": '"7"' } });
    expect(answer.json()).toEqual(preconditionFailed(0));
  });

  const MATCH = 'If-Match must be one mod_revision in double quotes, such as "42"';
  const refused: readonly (readonly [headers: Record<string, string>, detail: string])[] = [
    ...["*", "7", '"0"', '"07"', '"-1"', 'W/"7"', '"7", "8"', '"9007199254740992"', '""', ""].map(
      (tag) => [{ "If-Match": tag }, MATCH] as const,
    ),
    [{ "If-None-Match": '"7"' }, "If-None-Match must be * here"],
    [{ "If-None-Match": "" }, "If-None-Match must be * here"],
    [{ "If-Match": '"7"', "If-None-Match": "*" }, "If-Match and If-None-Match exclude each other"],
  ];
  for (const [headers, detail] of refused) {
    test(`${JSON.stringify(headers)} is refused`, async () => {
      const { ask, node } = apiOnMap();
      const answer = await ask("PUT", "/v1/kv/k", { body: "x", headers });
      expect(answer.json()).toEqual(invalidRequest(detail));
      expect(node.proposed).toEqual([]);
    });
  }
});

describe("an idempotency key", () => {
  const retry = { headers: { "Idempotency-Key": "a b-1" } };
  test("is passed on, and the first answer comes again", async () => {
    const { ask, node } = apiOnMap();
    const first = await ask("PUT", "/v1/kv/k", { body: "v", ...retry });
    expect(node.proposed[0]?.command.idempotencyKey).toBe("a b-1");
    await ask("PUT", "/v1/kv/k", { body: "w" });
    const again = await ask("PUT", "/v1/kv/k", { body: "v", ...retry });
    expect(again.text).toBe(first.text);
    expect(node.items.get("k")?.version).toBe(2);
  });
  test("of another request is refused", async () => {
    const { ask } = apiOnMap();
    await ask("PUT", "/v1/kv/k", { body: "v", ...retry });
    expect((await ask("DELETE", "/v1/kv/k", retry)).json()).toEqual({
      type: "urn:balsa:problem:idempotency_mismatch",
      title: "Idempotency key used for another request",
      status: 422,
      detail: "this Idempotency-Key was used before, for a request that said something else",
      code: "idempotency_mismatch",
      retryable: false,
      outcome: "not_applied",
    });
  });
  test("has 1 to 128 bytes", async () => {
    const { ask } = apiOnMap();
    const put = (key: string) =>
      ask("PUT", "/v1/kv/k", { body: "v", headers: { "Idempotency-Key": key } });
    expect((await put("x".repeat(128))).status).toBe(200);
    const detail = "Idempotency-Key must have 1 to 128 printable ASCII characters";
    for (const key of ["", "x".repeat(129), "é", "a\tb"]) {
      expect((await put(key)).json()).toEqual(invalidRequest(detail));
    }
  });
});

describe("a timeout", () => {
  const given = { "1ms": 1, "2s": 2_000, "60s": 60_000, "1m": 60_000, "60000ms": 60_000 };
  for (const [timeout, timeoutMs] of Object.entries(given)) {
    test(`of ${timeout} reaches the node`, async () => {
      const { ask, node } = apiOnMap();
      await ask("PUT", `/v1/kv/k?timeout=${timeout}`, { body: "x" });
      await ask("POST", `/set?timeout=${timeout}`, { body: '{"key":"k","value":1}' });
      await ask("DELETE", `/v1/kv/k?timeout=${timeout}`);
      expect(node.proposed.map((asked) => asked.timeoutMs)).toEqual(Array(3).fill(timeoutMs));
      await ask("GET", `/get/k?timeout=${timeout}`);
      await ask("GET", `/v1/kv?timeout=${timeout}`);
      expect(node.reads.map((asked) => asked.timeoutMs)).toEqual(Array(2).fill(timeoutMs));
    });
  }
  test("is 5 s where none is given", async () => {
    const { ask, node } = apiOnMap();
    await ask("DELETE", "/v1/kv/k");
    expect(node.proposed[0]?.timeoutMs).toBe(5_000);
  });
  for (const timeout of ["0ms", "60001ms", "61s", "2", "-1s", "1.5s", "1h", "", "s", "01s"]) {
    test(`of ${timeout} is refused`, async () => {
      const { ask, node } = apiOnMap();
      const detail = "timeout must be from 1ms to 60s, such as 500ms or 2s";
      const answer = await ask("DELETE", `/v1/kv/k?timeout=${timeout}`);
      expect(answer.json()).toEqual(invalidRequest(detail));
      expect(node.proposed).toEqual([]);
    });
  }
});
