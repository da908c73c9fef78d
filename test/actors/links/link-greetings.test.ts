import { describe, expect, test } from "bun:test";
import type { Hello, Refusal } from "../../../src/messages";
import { clusterId, diskId, incarnation } from "../../../src/types";
import { helloOf } from "../../codec/greeting-fixture";
import { Node, pair, world } from "./world";

describe("greetings", () => {
  const foreign =
    (mine: Hello) =>
    (hello: Hello): Refusal | null =>
      hello.clusterId === mine.clusterId
        ? null
        : {
            code: "foreign_cluster",
            detail: `foreign cluster ${hello.clusterId}, this is ${mine.clusterId}`,
          };

  test("a foreign cluster is refused with the reason at both ends", async () => {
    const shared = world();
    const one = new Node(shared, 1, [2]);
    const two = new Node(shared, 2, [1]);
    two.hello = helloOf(2, { clusterId: clusterId("feed") });
    one.judge = foreign(one.hello);
    two.judge = foreign(two.hello);
    await one.start();
    await two.start();
    shared.clock.advance(100);
    expect(one.diary).toContain("refused by 2: foreign_cluster");
    expect(two.diary).toContain("refused by 1: foreign_cluster");
    expect(one.diary).toContain("fault: refused: foreign cluster feed, this is c0ffee");
    expect(one.link(2)).toMatchObject({
      state: "backoff",
      reason: "foreign cluster c0ffee, this is feed",
      refusal: { code: "foreign_cluster" },
    });
    expect([...one.diary, ...two.diary].filter((line) => line.startsWith("met"))).toEqual([]);
  });

  test("a refusal is tried again slowly, since someone may mend it", async () => {
    const shared = world();
    const one = new Node(shared, 1, [2]);
    const two = new Node(shared, 2, []);
    two.judge = () => ({ code: "removed", detail: "not yet" });
    await one.start();
    await two.start();
    shared.clock.advance(2_000);
    expect(one.diary).toEqual(["refused by 2: removed"]);
    two.judge = () => null;
    shared.clock.advance(5_000);
    expect(one.link(2)).toMatchObject({ state: "open", reason: null, refusal: null });
  });

  test("the dialler judges too, and reports no refusal by the peer", async () => {
    const shared = world();
    const one = new Node(shared, 1, [2]);
    one.judge = () => ({ code: "wiped", detail: "node 2 has lost its disk" });
    const two = new Node(shared, 2, []);
    await one.start();
    await two.start();
    shared.clock.advance(100);
    expect(one.diary).toEqual(["fault: refused: node 2 has lost its disk"]);
    expect(one.link(2)).toMatchObject({ state: "backoff", refusal: { code: "wiped" } });
  });

  test("another node at the peer's address is not taken for the peer", async () => {
    const shared = world();
    const one = new Node(shared, 1, [2]);
    const two = new Node(shared, 2, []);
    two.hello = helloOf(3);
    await one.start();
    await two.start();
    shared.clock.advance(100);
    expect(one.link(2)).toMatchObject({
      refusal: { code: "wrong_target", detail: "at node-2:9080 is node 3, not node 2" },
    });
  });

  test("a restarted peer's new link replaces its old one", async () => {
    const { clock, network, one, two } = await pair();
    const again = new Node({ clock, network }, 3, [2]);
    again.hello = helloOf(1, { incarnation: incarnation(2) });
    await again.start();
    clock.settle();
    expect(two.diary).toContain("met 1.2");
    expect(one.diary).toEqual(["lost 2: connection reset"]);
    // Once: the old link's own end comes after and says nothing new.
    expect(two.unheard).toEqual([1]);
    again.send(2, "new");
    clock.advance(5_000);
    expect(two.received).toEqual(["1: new"]);
    // The old process goes on dialling and is told why it may not come back.
    expect(one.link(2)).toMatchObject({
      refusal: {
        code: "old_incarnation",
        detail: "node 1 was met in start 2, this is start 1",
      },
    });
  });

  test("another disk's count of starts is not compared", async () => {
    const { clock, network, two } = await pair();
    two.hello = helloOf(2);
    const old = new Node({ clock, network }, 3, [2]);
    old.hello = helloOf(1, { incarnation: incarnation(7) });
    await old.start();
    clock.settle();
    const fresh = new Node({ clock, network }, 4, [2]);
    fresh.hello = helloOf(1, { diskId: diskId("new"), incarnation: incarnation(1) });
    await fresh.start();
    clock.settle();
    expect(fresh.link(2)?.state).toBe("open");
  });

  test("greetings are asked anew for each connection", async () => {
    const { clock, network, one, two } = await pair();
    one.hello = helloOf(1, { incarnation: incarnation(5) });
    for (const line of network.lines) line.breakOff("connection reset");
    clock.advance(500);
    expect(two.diary).toContain("met 1.5");
  });
});
