/** The kit itself: what can be done to a simulated cluster, and what the nodes make of it. */
import { describe, expect, test } from "bun:test";
import { StartupError } from "../../src/errors";
import { SimulatedCluster } from "../../src/simulation/cluster";
import type { SimulatedNode } from "../../src/simulation/node";
import type { Command, CommandResult } from "../../src/types";
import { nodeId } from "../../src/types";

function started(nodes = 3, seed = "kit"): SimulatedCluster {
  const cluster = new SimulatedCluster({ seed, nodes });
  cluster.boot();
  expect(cluster.runUntil(() => cluster.leader() !== null, 2000)).toBe(true);
  cluster.run(200);
  return cluster;
}

const leaderOf = (cluster: SimulatedCluster): SimulatedNode => {
  const leader = cluster.leader();
  if (!leader) throw new Error("nobody leads");
  return leader;
};

const setTo = (key: string, text: string): Command => ({
  op: "set",
  key,
  value: { kind: "text", text },
  condition: null,
  idempotencyKey: null,
});

/** Sets a key on a node and lets time pass until it is answered. */
function set(cluster: SimulatedCluster, node: SimulatedNode, key: string, text: string) {
  const ends: unknown[] = [];
  cluster.act(() =>
    node.ask<CommandResult | Error>(
      (end) => ends.push(end),
      (actor, answer) => actor.handle.submit(setTo(key, text), 2000, answer),
    ),
  );
  cluster.runUntil(() => ends.length > 0, 5000);
  return ends[0];
}

const textAt = (node: SimulatedNode, key: string) => {
  const value = node.running?.projection.get(key)?.value;
  return value?.kind === "text" ? value.text : null;
};

describe("a simulated cluster", () => {
  for (const nodes of [1, 2, 3, 5, 7]) {
    test(`of ${nodes} elects, writes on every node and agrees`, () => {
      const cluster = started(nodes);
      for (const node of cluster.nodes) {
        expect(set(cluster, node, `key-${node.id}`, "v")).toMatchObject({ kind: "set" });
      }
      cluster.run(500);
      const states = cluster.nodes.map(({ running }) => running?.projection.stateHash);
      expect(new Set(states).size).toBe(1);
    });
  }

  test("has a limit to its nodes", () => {
    expect(() => new SimulatedCluster({ seed: 1, nodes: 0 })).toThrow();
    expect(() => new SimulatedCluster({ seed: 1, nodes: 8 })).toThrow();
  });

  test("survives its leader, which comes back and catches up", () => {
    const cluster = started();
    const first = leaderOf(cluster);
    set(cluster, first, "a", "1");
    cluster.act(() => first.losePower());
    expect(cluster.runUntil(() => cluster.leader() !== null, 5000)).toBe(true);
    expect(set(cluster, leaderOf(cluster), "b", "2")).toMatchObject({ kind: "set" });
    cluster.act(() => first.boot());
    expect(cluster.runUntil(() => textAt(first, "b") === "2", 5000)).toBe(true);
    expect(textAt(first, "a")).toBe("1");
  });

  test("forgets nothing it has answered when all lose power at once", () => {
    const cluster = started();
    set(cluster, leaderOf(cluster), "a", "1");
    cluster.act(() => {
      for (const node of cluster.nodes) node.losePower();
    });
    cluster.boot();
    expect(cluster.runUntil(() => cluster.nodes.every((n) => textAt(n, "a") === "1"), 5000)).toBe(
      true,
    );
  });

  test("a partitioned leader is deposed and its write is never answered with success", () => {
    const cluster = started();
    const old = leaderOf(cluster);
    const others = cluster.nodes.filter((node) => node !== old).map(({ id }) => id);
    cluster.act(() => cluster.network.partition([[old.id], others]));
    const end = set(cluster, old, "a", "lost");
    expect(end).toMatchObject({ facts: { outcome: "unknown" } });
    cluster.run(1000);
    expect(leaderOf(cluster)).not.toBe(old);
    expect(old.running?.actor.raft.role).not.toBe("Leader");
    cluster.act(() => cluster.network.heal());
    expect(set(cluster, old, "a", "kept")).toMatchObject({ kind: "set" });
  });

  test("a paused leader wakes as follower", () => {
    const cluster = started();
    const old = leaderOf(cluster);
    cluster.act(() => old.pause());
    cluster.run(2000);
    expect(leaderOf(cluster)).not.toBe(old);
    cluster.act(() => old.resume());
    cluster.run(1000);
    expect(old.running?.actor.raft.role).toBe("Follower");
  });

  test("a wiped node is refused and says why", () => {
    const cluster = started();
    const victim = cluster.node(nodeId(1));
    cluster.run(1000);
    cluster.act(() => victim.wipe());
    cluster.act(() => victim.boot());
    cluster.run(2000);
    const reason = victim.end?.kind === "stopped" ? victim.end.reason : null;
    expect(reason).toBeInstanceOf(StartupError);
    expect(reason).toMatchObject({ code: "wiped" });
  });

  test("whoever asks a dead node is told so, also when it dies meanwhile", () => {
    const cluster = started();
    const node = cluster.node(nodeId(2));
    const ends: unknown[] = [];
    const ask = () =>
      node.ask(
        (end) => ends.push(end),
        () => {},
      );
    cluster.act(ask);
    cluster.act(() => node.kill());
    cluster.act(ask);
    cluster.run(1);
    expect(ends).toEqual(["refused", "lost"]);
  });

  test("an invariant stops it, whoever swallows the error", () => {
    const cluster = started();
    cluster.observe({ onSent: () => cluster.violate("I0 silence", "somebody spoke") });
    expect(() => cluster.run(1000)).toThrow("I0 silence: somebody spoke");
  });
});
