/** Nodes that have more to write than they take: who waits, who is told so, and when. */
import { expect, test } from "bun:test";
import { defaultLimits } from "../../src/actors/limits";
import { RequestError } from "../../src/errors";
import type { SimulatedNode } from "../../src/simulation/node";
import type { CommandResult } from "../../src/types";
import { ledWithMuteDisks } from "./mute-disks";

type End = CommandResult | RequestError | "refused" | "lost";

/** Three nodes that take two writes each, and let others wait for 500 ms; no disk ever syncs. */
function crowded() {
  const limits = { ...defaultLimits, proposalsMax: 2, lineWaitMsMax: 500 };
  const { cluster, follower, leader } = ledWithMuteDisks("overload", { limits });
  const ends: string[] = [];
  const tell = (end: End) =>
    ends.push(end instanceof RequestError ? end.code : typeof end === "string" ? end : end.kind);
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
  const slowDisks = (syncMs: number) => {
    for (const node of cluster.nodes) node.disk.syncDelayMs = () => syncMs;
  };
  return { cluster, leader, follower, ends, write, slowDisks };
}

test("a full node lets writes wait for room, and refuses those who waited in vain", () => {
  const { cluster, ends, leader, write } = crowded();
  for (let asked = 0; asked < 4; asked += 1) write(leader);
  cluster.run(450);
  expect(ends).toEqual([]);
  cluster.run(100);
  expect(ends).toEqual(["overloaded", "overloaded"]);
});

test("those who wait get in as soon as there is room, without coming again", () => {
  const { cluster, ends, follower, leader, slowDisks, write } = crowded();
  slowDisks(50);
  for (let asked = 0; asked < 3; asked += 1) write(leader);
  for (let asked = 0; asked < 4; asked += 1) write(follower);
  cluster.run(500);
  expect(ends).toEqual(Array(7).fill("set"));
});

test("a full leader has forwarded writes wait in the same line", () => {
  const { cluster, ends, follower, leader, write } = crowded();
  write(leader);
  write(leader);
  write(follower);
  cluster.run(450);
  expect(ends).toEqual([]);
  cluster.run(150);
  expect(ends).toEqual(["overloaded"]);
});

test("a full node says so before it is given anything to write", () => {
  const { cluster, leader, write } = crowded();
  const told: boolean[] = [];
  const look = () =>
    leader.ask<boolean>(
      (hasRoom) => told.push(hasRoom === true),
      ({ handle }, answer) => answer(handle.hasRoom),
    );
  cluster.act(look);
  write(leader);
  write(leader);
  cluster.act(look);
  expect(told).toEqual([true, false]);
});

test("a refusal comes within the request's timeout", () => {
  const { cluster, ends, leader, write } = crowded();
  for (let asked = 0; asked < 3; asked += 1) write(leader);
  write(leader, 100);
  cluster.run(120);
  expect(ends).toEqual(["overloaded"]);
});

test("a refusal by a full leader, too: its follower need not call the outcome unknown", () => {
  const { cluster, ends, follower, leader, write } = crowded();
  for (let asked = 0; asked < 2; asked += 1) write(leader);
  write(follower, 400);
  cluster.run(450);
  expect(ends).toEqual(["overloaded"]);
});

test("a node that stops tells at once those who wait for room that it does", () => {
  const { cluster, ends, leader, write } = crowded();
  for (let asked = 0; asked < 4; asked += 1) write(leader);
  cluster.run(50);
  cluster.act(
    () =>
      void leader.ask(
        () => {},
        (actor) => actor.handle.close(),
      ),
  );
  expect(ends.toSorted()).toEqual([
    ...Array(2).fill("outcome_unknown"),
    ...Array(2).fill("shutting_down"),
  ]);
});
