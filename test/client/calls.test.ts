/** What a client does when endpoints fail it: whom it asks next, when, and what it says at last. */
import { describe, expect, test } from "bun:test";
import type { Client } from "../../src/client";
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN } from "../../src/client/limits";
import { A, B, C, clientOf, noLeader, saying } from "./three-endpoints";

describe("fail-over", () => {
  test("goes on to the next endpoint, and stays with the one that answers", async () => {
    const { askedOf, client, network } = clientOf(A, B, C);
    network.tell(A, "refused");
    network.tell(B, noLeader);
    await network.settle(client.set("name", 1));
    expect(askedOf()).toEqual([A, B, C]);
    await network.settle(client.get("name"));
    expect(askedOf()).toEqual([A, B, C, C]);
  });

  test("each answer that a later or another try may better leads to one", async () => {
    const answers = [
      noLeader,
      saying(503, "shutting_down", { retryable: true }),
      saying(504, "timeout", { outcome: "unknown" }),
      saying(504, "timeout", { retryable: true }),
      saying(504, "outcome_unknown", { outcome: "unknown" }),
      saying(500, "internal", { outcome: "unknown" }),
      saying(409, "membership_conflict", { retryable: true }),
      saying(500, "new_trouble", { retryable: true }),
      () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
      () => new Response("{", { headers: { "content-type": "application/json" } }),
    ];
    for (const answer of answers) {
      const { client, network } = clientOf(A, B);
      network.tell(A, answer);
      expect(await network.settle(client.set("name", 1))).toMatchObject({ revision: 1 });
    }
  });

  test("each answer that no try will better is final", async () => {
    const codes = [
      [400, "invalid_request"],
      [403, "forbidden_origin"],
      [404, "not_found"],
      [405, "method_not_allowed"],
      [409, "membership_conflict"],
      [410, "compacted"],
      [412, "precondition_failed"],
      [413, "too_large"],
      [422, "idempotency_mismatch"],
      [507, "out_of_space"],
    ] as const;
    for (const [status, code] of codes) {
      const { askedOf, client, network } = clientOf(A, B);
      network.tell(A, saying(status, code));
      const refused = network.settle(client.set("name", 1));
      await expect(refused).rejects.toMatchObject({
        code,
        message: `it is ${code}`,
        facts: { status, outcome: "not_applied", retryable: false, endpoint: A },
      });
      expect(askedOf()).toEqual([A]);
    }
  });

  test("a body beyond all measure is refused without a problem", async () => {
    const { client, network } = clientOf(A, B);
    network.tell(A, () => new Response(null, { status: 413 }));
    await expect(network.settle(client.set("name", 1))).rejects.toMatchObject({
      code: "too_large",
      facts: { outcome: "not_applied" },
    });
  });

  test("an endpoint that takes the request and is silent is left after a try's time", async () => {
    const { client, network } = clientOf(A, B);
    network.tell(A, "frozen");
    await network.settle(client.get("name"));
    expect(network.now).toBe(2_000);
    // The node is told a little less: it is the one to say what became of the request.
    expect(network.asked[0]).toBe(`${A} GET /v1/kv/name?timeout=1800ms&consistency=linearizable`);
  });
});

describe("time", () => {
  test("pauses once all have failed: longer each time, by chance, up to a bound", async () => {
    const { client, network } = clientOf(A, B);
    network.chance = 0.5;
    network.tell(A, "refused");
    network.tell(B, "refused");
    await expect(network.settle(client.get("name"))).rejects.toMatchObject({
      code: "unreachable",
      message:
        "nobody can be reached: http://a:1 (connection refused), http://b:2 (connection refused)",
      facts: { outcome: null, retryable: true, status: null },
    });
    const pausesMs = network.waitsMs.filter((ms) => ms <= BACKOFF_MS_MAX);
    const wanted = [1, 2, 4, 8, 16].map((times) => (BACKOFF_MS_MIN * times) / 2);
    expect(pausesMs.slice(0, 6)).toEqual([...wanted, BACKOFF_MS_MAX / 2]);
    expect(network.now).toBeGreaterThan(9_000);
    expect(network.now).toBeLessThan(10_000);
  });

  test("never more than the call has, whatever fails", async () => {
    for (const behaviour of ["frozen", "refused", "answer lost", noLeader] as const) {
      const { client, network } = clientOf(A);
      network.tell(A, behaviour);
      await network.settle(client.get("name", { timeoutMs: 700 }).catch(() => {}));
      expect(network.now).toBeLessThanOrEqual(700);
      expect(network.asked[0]).toContain("timeout=600ms");
    }
  });

  test("a short call asks a second endpoint, too, and none it could only cut off", async () => {
    const { client, network } = clientOf(A, B);
    network.tell(A, "frozen");
    network.tell(B, "frozen");
    await network.settle(client.get("name", { timeoutMs: 1_000 }).catch(() => {}));
    const told = network.asked.map((line) => line.replace(/ GET .*(timeout=\w+).*/, " $1"));
    // Half a second for the first, 300 ms for the other; what is then left is too little.
    expect(told).toEqual([`${A} timeout=400ms`, `${B} timeout=200ms`]);
    expect(network.now).toBe(800);
  });

  test("a node is told so much less than it has that its answer comes in time", async () => {
    const { client, network } = clientOf(A);
    for (const timeoutMs of [1, 100, 300, 1_500]) {
      await network.settle(client.get("name", { timeoutMs }).catch(() => {}));
    }
    const told = network.asked.map((line) => /timeout=(\w+)/.exec(line)?.[1]);
    expect(told).toEqual(["1ms", "50ms", "200ms", "1350ms"]);
  });

  test("a node that is overloaded is left alone as long as it asks", async () => {
    const { client, network } = clientOf(A, B);
    const overloaded = saying(429, "overloaded", { retryable: true }, { "retry-after": "3" });
    network.tell(A, overloaded, "up");
    network.tell(B, overloaded, "up");
    await network.settle(client.set("name", 1));
    expect(network.now).toBeGreaterThan(3_000);
    const other = clientOf(A);
    other.network.tell(A, overloaded);
    const refused = other.network.settle(other.client.set("name", 1, { timeoutMs: 2_000 }));
    await expect(refused).rejects.toMatchObject({
      code: "overloaded",
      facts: { retryAfterMs: 3_000 },
    });
    expect(other.network.now).toBe(0);
  });

  test("a date to come back at is no number: the pause is the usual one", async () => {
    const { client, network } = clientOf(A);
    const date = "Wed, 21 Oct 2026 07:28:00 GMT";
    network.tell(A, saying(429, "overloaded", { retryable: true }, { "retry-after": date }));
    const refused = network.settle(client.get("name", { timeoutMs: 5_000 }));
    await expect(refused).rejects.toMatchObject({ code: "overloaded", facts: { retryAfterMs: 0 } });
    expect(network.asked.length).toBeLessThan(50);
  });

  test("what takes long by itself has the whole time for one try", async () => {
    const { client, network } = clientOf(A, B);
    const calls: readonly ((client: Client) => Promise<unknown>)[] = [
      (client) => client.snapshot(),
      (client) => client.transferLeadership(),
      (client) => client.members.add(9, "127.0.0.1:9099"),
    ];
    for (const call of calls) await network.settle(call(client));
    expect(network.asked.every((line) => line.endsWith("timeout=9000ms"))).toBe(true);
    await network.settle(client.snapshot({ timeoutMs: 300_000 }));
    expect(network.asked.at(-1)).toEndWith("timeout=60000ms");
  });
});
