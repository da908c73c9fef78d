/** What is held against the answers of clients is itself on trial: each promise, broken once. */
import { describe, expect, test } from "bun:test";
import { encodeCommand } from "../../src/codec/commands";
import { encodeEntry } from "../../src/codec/entries";
import { SimulatedCluster } from "../../src/simulation/cluster";
import { IDEMPOTENCY_LIMITS, type IdempotencyLimits } from "../../src/store/idempotency";
import { KvProjection } from "../../src/store/kv-projection";
import { type Command, logIndex, nodeId, term, type Value } from "../../src/types";
import { demandAnswer } from "./answered-in-time";
import { Freshness } from "./freshness";
import { Ghost } from "./ghost";
import { LogOrder } from "./log-order";

const text = (of: string): Value => ({ kind: "text", text: of });
const set = (key: string, value: Value, idempotencyKey: string | null = null): Command => ({
  op: "set",
  key,
  value,
  condition: null,
  idempotencyKey,
});

/** A projection, and an order that has seen the same commands; one a second. */
function applied(commands: readonly Command[], limits: IdempotencyLimits = IDEMPOTENCY_LIMITS) {
  const cluster = new SimulatedCluster({ seed: 1, nodes: 1 });
  const projection = new KvProjection(limits);
  const order = new LogOrder(limits, (detail) => {
    throw new Error(detail);
  });
  const index = logIndex(commands.length);
  const results = commands.map((wish, place) => {
    const command = encodeCommand(wish);
    const at = { index: logIndex(place + 1), term: term(1), timeMs: place * 1000 };
    const entry = encodeEntry({ kind: "command", command }, at);
    const result = projection.apply(entry);
    order.observer.onApplied?.(cluster.node(nodeId(1)), entry, result);
    return result;
  });
  return { index, order, projection, results };
}

describe("lists", () => {
  const keys = ["key", "key-\u{1F511}", "key-\uFF0E", "other"];
  const range = { prefix: "key", after: null, limit: 10, bytesMax: 1000 } as const;
  const { index, order, projection } = applied(keys.map((key) => set(key, text(key))));
  const floor = { told: logIndex(0), committed: index };
  const page = projection.list(range);

  test("hold what the model holds, in the order of bytes", () => {
    expect(page.items.map(({ key }) => key)).toEqual(["key", "key-\uFF0E", "key-\u{1F511}"]);
    order.onListed(range, page, index, floor);
  });

  test("violate when an item is missing, there twice or misplaced, or more is said wrongly", () => {
    const [first, ...rest] = page.items;
    if (first === undefined) throw new Error("there are items");
    for (const items of [rest, [first, ...page.items], [...rest, first]]) {
      const told = { ...page, items };
      expect(() => order.onListed(range, told, index, floor)).toThrow("a list at 4");
    }
    expect(() => order.onListed(range, { ...page, more: true }, index, floor)).toThrow("a list");
  });

  test("stop at limits as the projection does", () => {
    for (const limit of [1, 2, 3]) {
      for (const bytesMax of [1, 12, 30, 1000]) {
        for (const after of [null, "key", "key-"]) {
          const asked = { prefix: "", after, limit, bytesMax };
          order.onListed(asked, projection.list(asked), index, floor);
        }
      }
    }
  });
});

test("answers are kept as long as the limits say, and no longer", () => {
  const limits = { ageMsMin: 3500, newerKeysMin: 2, evictionsPerEntryMax: 4 };
  const wishes = ["a", "b", "c", "a", "d", "a"].map((key) => set(key, text(key), `retry-${key}`));
  const { results } = applied(wishes, limits);
  expect(results.map((result) => result?.index)).toEqual([1, 2, 3, 1, 5, 6].map(logIndex));
});

test("a retry key is one wish's own: another request under it is told so", () => {
  const { results } = applied([set("a", text("1"), "retry"), set("a", text("2"), "retry")]);
  expect(results.map((result) => result?.kind)).toEqual(["set", "idempotencyMismatch"]);
});

test("a stale read owes all that was committed before its age began", () => {
  const { index, order, projection } = applied([set("a", text("1")), set("a", text("2"))]);
  order.onStaleRead("a", projection.get("a") ?? null, index, index);
  expect(() => order.onStaleRead("a", null, logIndex(0), logIndex(1))).toThrow("owes 1");
  expect(() => order.onStaleRead("a", null, index, logIndex(0))).toThrow("tells nothing");
});

test("what was committed is owed from the next instant on", () => {
  const cluster = new SimulatedCluster({ seed: 1, nodes: 1 });
  const ghost = new Ghost(cluster);
  const freshness = new Freshness(cluster, ghost);
  const node = cluster.node(nodeId(1));
  cluster.boot();
  cluster.runUntil(() => cluster.leader() !== null, 5000);
  const context = node.running?.actor.raft.context;
  if (context === undefined) throw new Error("it runs");
  ghost.commit(node, context, logIndex(1));
  freshness.observer.onEvent?.();
  // Not in that very instant, in which a leader may have told before that this was not committed.
  expect(freshness.owed(node, 0)).toBe(logIndex(0));
  cluster.run(10);
  expect(freshness.owed(node, 10)).toBe(logIndex(0));
  expect(freshness.owed(node, 9.999)).toBe(logIndex(1));
  expect(freshness.owed(node, 0)).toBe(logIndex(1));
});

describe("an answer in time", () => {
  const asked = (isAnswered: () => boolean) => {
    const cluster = new SimulatedCluster({ seed: 1, nodes: 1 });
    cluster.boot();
    const node = cluster.node(nodeId(1));
    demandAnswer(cluster, { node, timeoutMs: 100, isAnswered });
    return { cluster, node };
  };

  test("is owed by a node that runs", () => {
    expect(() => asked(() => false).cluster.run(200)).toThrow("L answered in time");
    asked(() => true).cluster.run(200);
  });

  test("is not owed by the dead, and not before it has woken by one that sleeps", () => {
    const dead = asked(() => false);
    dead.node.kill();
    dead.cluster.run(200);
    const asleep = asked(() => false);
    asleep.node.pause();
    asleep.cluster.run(1000);
    asleep.node.resume();
    expect(() => asleep.cluster.run(100)).toThrow("L answered in time");
  });
});
