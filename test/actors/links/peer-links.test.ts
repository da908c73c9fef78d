import { describe, expect, test } from "bun:test";
import { defaultLinkLimits } from "../../../src/actors/links/link-limits";
import { frameHeaderBytes } from "../../../src/codec/frames";
import { nodeId } from "../../../src/types";
import { addressOf, bytesOf, frame, Node, pair, world } from "./world";

describe("two nodes", () => {
  test("meet on both links and announce their API addresses", async () => {
    const shared = world();
    const one = new Node(shared, 1, [2]);
    const two = new Node(shared, 2, [1]);
    await one.start();
    expect(one.link(2)).toMatchObject({ state: "connecting", reason: null, apiAddress: null });
    await two.start();
    shared.clock.advance(200);
    expect(one.diary).toEqual(["met 2.1", "met 2.1"]);
    expect(two.diary).toEqual(["met 1.1", "met 1.1"]);
    expect(one.links.links()).toEqual([
      {
        peer: nodeId(2),
        address: addressOf(2),
        state: "open",
        reason: null,
        aliveMs: 0,
        isHeard: true,
        refusal: null,
        apiAddress: "127.0.0.1:8082",
      },
    ]);
  });

  test("hear each other's messages in order, over partial writes and random chunks", async () => {
    const { clock, network, one, two } = await pair();
    network.behaviour = { capacity: 900, pieceMax: 100 };
    network.lines.at(-1)?.breakOff("test");
    network.lines.at(-2)?.breakOff("test");
    clock.advance(1_000);
    const sent: string[] = [];
    for (let i = 0; i < 200; i++) {
      const text = `${i}`.repeat(1 + (i % 90));
      sent.push(`1: ${text}`);
      expect(one.send(2, text)).toBe(true);
      if (i % 7 === 0) clock.settle();
    }
    clock.settle();
    expect(two.received).toEqual(sent);
    expect(one.received).toEqual([]);
  });

  test("drop what does not fit into the queue, and carry on", async () => {
    const { clock, one, two } = await pair({ queueBytesMax: 1_000 });
    const big = "x".repeat(900);
    expect(one.send(2, big)).toBe(true);
    expect(one.send(2, big)).toBe(false);
    clock.settle();
    expect(one.send(2, "next")).toBe(true);
    clock.settle();
    expect(two.received).toEqual([`1: ${big}`, "1: next"]);
  });

  test("never send a frame that the other end would refuse", async () => {
    const { one } = await pair({ frameBytesMax: 10 * 1024 });
    expect(one.send(2, "x".repeat(10 * 1024 + 1))).toBe(false);
    expect(one.send(2, "x".repeat(10 * 1024))).toBe(true);
    expect(one.send(3, "nobody")).toBe(false);
  });

  test("stop after what was queued has arrived, and leave no timer", async () => {
    const { clock, one, two } = await pair();
    expect(one.send(2, "last words ".repeat(2_000))).toBe(true);
    let stopped = false;
    const done = one.links.stop().then(() => {
      stopped = true;
    });
    expect(one.send(2, "too late")).toBe(false);
    expect(one.links.stop()).toBe(one.links.stop());
    clock.settle();
    await done;
    expect(stopped).toBe(true);
    expect(two.received).toEqual([`1: ${"last words ".repeat(2_000)}`]);
    expect(two.link(1)).toMatchObject({ state: "backoff", reason: "closed by the peer" });
    const other = two.links.stop();
    clock.settle();
    await other;
    expect(clock.pending).toBe(0);
  });

  test("stop within the flush timeout when the peer takes nothing", async () => {
    const { clock, network, one } = await pair();
    for (const line of network.lines) line.mute = true;
    one.send(2, "unheard");
    let stopped = false;
    const done = one.links.stop().then(() => {
      stopped = true;
    });
    clock.advance(999);
    await Promise.resolve();
    expect(stopped).toBe(false);
    clock.advance(1);
    await done;
    expect(stopped).toBe(true);
  });
});

describe("a link that breaks", () => {
  test("is dialled again, and the loss has a reason", async () => {
    const { clock, network, one, two } = await pair();
    for (const line of network.lines) line.breakOff("connection reset");
    clock.settle();
    expect(one.diary).toEqual(["lost 2: connection reset"]);
    expect(one.link(2)).toMatchObject({ state: "backoff", reason: "connection reset" });
    expect(one.send(2, "lost")).toBe(false);
    clock.advance(100);
    expect(one.link(2)?.state).toBe("open");
    expect(one.send(2, "again")).toBe(true);
    clock.settle();
    expect(two.received).toEqual(["1: again"]);
  });

  test("is missed by both ends: by one who speaks on it, by one who hears on it", async () => {
    const { clock, network, one, two } = await pair();
    const line = network.lines.find((candidate) => candidate.dialler.remote === addressOf(2));
    line?.breakOff("connection reset");
    clock.settle();
    expect([one.diary, one.unheard]).toEqual([["lost 2: connection reset"], []]);
    expect([two.diary, two.unheard]).toEqual([[], [1]]);
  });

  test("in the middle of a frame delivers nothing of it", async () => {
    const { clock, network, one, two } = await pair();
    one.send(2, "whole");
    clock.settle();
    const line = network.lines.find((candidate) => candidate.dialler.remote === addressOf(2));
    line?.dialler.write(frame("message", bytesOf("half")).subarray(0, frameHeaderBytes + 2));
    clock.settle();
    line?.breakOff("connection reset");
    clock.advance(200);
    one.send(2, "after");
    clock.settle();
    expect(two.received).toEqual(["1: whole", "1: after"]);
  });

  test("backs off further and further from a peer that is down", async () => {
    const shared = world();
    const one = new Node(shared, 1, [2]);
    await one.start();
    const { backoffMsMin, backoffMsMax } = defaultLinkLimits.connection;
    const waits: number[] = [];
    for (let dials = 1, since = 0; waits.length < 9; shared.clock.advance(1)) {
      if (shared.network.dials.length === dials) continue;
      dials = shared.network.dials.length;
      waits.push(shared.clock.nowMs() - since);
      since = shared.clock.nowMs();
    }
    waits.forEach((wait, failures) => {
      const ceiling = Math.min(backoffMsMax, backoffMsMin * 2 ** failures);
      expect(wait).toBeWithin(ceiling / 2, ceiling + 2);
    });
    expect(one.link(2)).toMatchObject({ state: "backoff", reason: "connection refused" });
    expect(one.diary).toEqual([]);
  });

  test("is dialled at once when the peer is heard on its own link", async () => {
    const shared = world();
    const one = new Node(shared, 1, [2]);
    await one.start();
    shared.clock.advance(20_000);
    const before = shared.network.dials.length;
    const two = new Node(shared, 2, [1]);
    await two.start();
    shared.clock.settle();
    expect(shared.network.dials.length).toBe(before + 2);
    expect(one.link(2)?.state).toBe("open");
  });

  test("a dial that leads nowhere is given up", async () => {
    const shared = world();
    shared.network.swallowsDials = true;
    const one = new Node(shared, 1, [2]);
    await one.start();
    shared.clock.advance(1_999);
    expect(one.link(2)?.state).toBe("connecting");
    shared.clock.advance(1);
    expect(one.link(2)).toMatchObject({ state: "backoff", reason: "no connection within 2 s" });
  });

  test("a peer that is up but silent is noticed at both ends", async () => {
    const { clock, network, one, two } = await pair();
    for (const line of network.lines) line.mute = true;
    network.swallowsDials = true;
    clock.advance(8_000);
    expect(one.diary).toContain("lost 2: silent for 3 s");
    expect(two.diary).toContain("fault: silent for 3 s");
  });

  test("a quiet link stays open", async () => {
    const { clock, one, two } = await pair();
    clock.advance(600_000);
    expect([...one.diary, ...two.diary]).toEqual([]);
  });
});
