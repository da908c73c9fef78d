/** The kit: what it does, and what it does not let pass. */
import { describe, expect, test } from "bun:test";
import { RequestError } from "../../src/errors";
import { NobodyAnswersError, simulate } from "../../src/simulation";

function started(seed: number | string = "kit") {
  const sim = simulate({ seed, nodes: 3 });
  sim.leader();
  sim.run(500);
  return sim;
}

test("the production links may carry it all", () => {
  const sim = simulate({ seed: "kit", nodes: 3, streams: true });
  sim.cluster.network.faults = {
    ...sim.cluster.network.faults,
    chunkBytesMax: 50,
    sendBufferBytesMax: 100,
  };
  const heard = new Set<string>();
  sim.cluster.observe({
    onReceived: ({ id }, from) => heard.add(`${from.nodeId}→${id}`),
  });
  const first = sim.leader();
  expect(sim.set("a", "1").wait()).toMatchObject({ revision: 1 });
  expect(sim.get("a", { on: sim.others(first)[0] ?? 1 }).wait()).toMatchObject({ version: 1 });
  sim.isolate(first);
  sim.set("a", "2", { on: sim.leader({ except: [first] }) }).wait();
  sim.heal();
  sim.until(() => sim.isAgreed);
  expect(sim.textAt(first, "a")).toBe("2");
  expect(heard.size).toBe(6);
});

describe("asking", () => {
  test("waits in virtual time, and answers", () => {
    const sim = started();
    const before = sim.nowMs;
    const asked = sim.set("a", "1");
    expect(asked.isAnswered).toBe(false);
    expect(asked.wait()).toMatchObject({ kind: "set", revision: 1 });
    expect(asked.isAnswered).toBe(true);
    expect(sim.nowMs).toBeGreaterThan(before);
    expect(sim.get("a", { on: 2 }).wait()).toMatchObject({ key: "a", version: 1 });
    expect(sim.delete("a").wait()).toMatchObject({ kind: "deleted", deleted: true });
    expect(sim.get("a").wait()).toBeNull();
  });

  test("conditions and retry keys go along", () => {
    const sim = started();
    const condition = { kind: "keyIsAbsent" } as const;
    sim.set("a", "1", { idempotencyKey: "once" }).wait();
    expect(sim.set("a", "1", { idempotencyKey: "once" }).wait()).toMatchObject({ revision: 1 });
    expect(sim.set("a", "2", { condition }).wait()).toMatchObject({ kind: "preconditionFailed" });
  });

  test("a promise settles while time passes elsewhere", async () => {
    const sim = started();
    const { promise } = sim.set("a", "1");
    sim.run(100);
    expect(await promise).toMatchObject({ kind: "set" });
  });

  test("tells a failure to those who wait, look and await", async () => {
    const sim = started();
    sim.isolate(1);
    const asked = sim.set("a", "1", { on: 1, timeoutMs: 300 });
    expect(() => asked.wait()).toThrow(RequestError);
    expect(asked.error).toBeInstanceOf(RequestError);
    await expect(asked.promise).rejects.toBeInstanceOf(RequestError);
  });

  test("of a dead node, nobody answers", () => {
    const sim = started();
    sim.kill(2);
    expect(() => sim.get("a", { on: 2 }).wait()).toThrow(NobodyAnswersError);
    const asked = sim.get("a", { on: 3 });
    sim.losePower(3);
    expect(() => asked.wait()).toThrow("node 3: lost");
  });
});

describe("breaking", () => {
  test("whoever is in no group reaches nobody", () => {
    const sim = started();
    sim.partition([1, 2]);
    sim.run(1000);
    expect(sim.leader()).not.toBe(sim.node(3));
    sim.set("a", "1").wait();
    sim.run(100);
    expect(sim.textAt(2, "a")).toBe("1");
    expect(sim.textAt(3, "a")).toBeNull();
    expect(sim.isAgreed).toBe(false);
    sim.heal();
    sim.until(() => sim.isAgreed);
    expect(sim.textAt(3, "a")).toBe("1");
  });

  test("a paused node is heard of again", () => {
    const sim = started();
    const old = sim.leader();
    sim.pause(old);
    const next = sim.leader({ except: [old] });
    expect(sim.others(old)).toContain(next);
    sim.resume(old);
    sim.until(() => old.running?.actor.raft.standing.leaderId === next.id);
  });

  test("a one-way cut lets the other direction through", () => {
    const sim = started();
    const [follower = sim.node(1)] = sim.others(sim.leader());
    sim.cut(follower, sim.leader());
    sim.set("a", "1").wait();
    sim.run(100);
    expect(sim.textAt(follower, "a")).toBe("1");
  });

  test("a wiped node stays outside", () => {
    const sim = started();
    sim.run(1000);
    sim.wipe(1);
    sim.boot(1);
    sim.run(2000);
    expect(sim.node(1).end).toMatchObject({ kind: "stopped" });
  });
});

describe("waiting in vain", () => {
  test("for what never comes", () => {
    const sim = started();
    expect(() => sim.until(() => false, 100)).toThrow("not within 100 ms");
    for (const node of sim.nodes) sim.kill(node);
    expect(() => sim.leader()).toThrow("not within");
  });

  test("the same seed is the same story", () => {
    const story = (seed: string) => {
      const sim = started(seed);
      const old = sim.leader();
      sim.losePower(old);
      sim.set("a", "1", { on: sim.leader({ except: [old] }) }).wait();
      return sim.nowMs;
    };
    expect(story("x")).toBe(story("x"));
    expect(story("x")).not.toBe(story("y"));
  });
});
