/** Nodes that have more to write than they take: who is told so, and when. */
import { expect, test } from "bun:test";
import { defaultLimits } from "../../src/actors/limits";
import { RequestError } from "../../src/errors";
import type { SimulatedNode } from "../../src/simulation/node";
import type { CommandResult } from "../../src/types";
import { ledWithMuteDisks } from "./mute-disks";

type End = CommandResult | RequestError | "refused" | "lost";

/** Three nodes that take two writes each, and refuse two in a second; no disk ever syncs. */
function crowded() {
  const limits = { ...defaultLimits, proposalsMax: 2, refusalsPerSecond: 2 };
  const { cluster, follower, leader } = ledWithMuteDisks("overload", { limits });
  const ends: string[] = [];
  const tell = (end: End) => ends.push(end instanceof RequestError ? end.code : "something else");
  const write = (node: SimulatedNode, timeoutMs = 5000) =>
    cluster.act(() =>
      node.ask<CommandResult | RequestError>(tell, (actor, answer) => {
        const value = { kind: "text", text: "value" } as const;
        const set = {
          op: "set",
          key: "key",
          value,
          condition: null,
          idempotencyKey: null,
        } as const;
        actor.handle.submit(set, timeoutMs, answer);
      }),
    );
  return { cluster, leader, follower, ends, write };
}

test("a full node refuses: the first at once, the next ones in their turn", () => {
  const { cluster, ends, leader, write } = crowded();
  for (let asked = 0; asked < 4; asked += 1) write(leader);
  cluster.run(100);
  expect(ends).toEqual(["overloaded"]);
  cluster.run(500);
  expect(ends).toEqual(["overloaded", "overloaded"]);
});

test("what a full leader refuses at once, the follower that forwarded it tells in its turn", () => {
  const { cluster, ends, follower, leader, write } = crowded();
  write(leader);
  write(leader);
  // One by one: the follower has room for each, for the one before has come back refused.
  for (let asked = 0; asked < 3; asked += 1) {
    write(follower);
    cluster.run(50);
  }
  expect(ends).toEqual(["overloaded"]);
  cluster.run(400);
  expect(ends).toEqual(["overloaded", "overloaded"]);
  cluster.run(500);
  expect(ends).toEqual(["overloaded", "overloaded", "overloaded"]);
});

test("a full node says so before it is given anything to write", () => {
  const { cluster, leader, write } = crowded();
  const told: (string | null)[] = [];
  const look = () =>
    leader.ask<string | null>(
      (code) => told.push(code),
      ({ handle }, answer) => answer(handle.writeRefusal?.code ?? null),
    );
  cluster.act(look);
  write(leader);
  write(leader);
  cluster.act(look);
  expect(told).toEqual([null, "overloaded"]);
});

test("a refusal comes within the request's timeout", () => {
  const { cluster, ends, leader, write } = crowded();
  for (let asked = 0; asked < 3; asked += 1) write(leader);
  write(leader, 100);
  cluster.run(120);
  expect(ends).toEqual(["overloaded", "overloaded"]);
});

test("a node that stops tells at once what waits to be told", () => {
  const { cluster, ends, leader, write } = crowded();
  for (let asked = 0; asked < 4; asked += 1) write(leader);
  cluster.act(
    () =>
      void leader.ask(
        () => {},
        (actor) => actor.handle.close(),
      ),
  );
  expect(ends.filter((code) => code === "overloaded")).toHaveLength(2);
});
