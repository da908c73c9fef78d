import { describe, expect, test } from "bun:test";
import { defaultLinkLimits, type LinkLimits } from "../../../src/actors/links/link-limits";
import { PeerLinks } from "../../../src/actors/links/peer-links";
import type { ByteStream, StreamHandlers } from "../../../src/actors/stream";
import type { TransportHandlers } from "../../../src/actors/transport";
import { FrameWriter, frameHeaderBytes } from "../../../src/codec/frames";
import { encodeHello } from "../../../src/codec/greetings";
import { MalformedError } from "../../../src/codec/malformed";
import type { Hello, Refusal } from "../../../src/messages";
import { clusterId, diskId, incarnation, nodeId } from "../../../src/types";
import { helloOf } from "../../codec/greeting-fixture";
import { seededRandom } from "../../seeded-random";
import { MemoryNetwork } from "./memory-network";
import { VirtualClock } from "./virtual-clock";

const { below } = seededRandom("peer links");
const addressOf = (id: number) => `node-${id}:9080`;
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** One node's transport with a diary of all that it was told. */
class Node {
  readonly links: PeerLinks;
  readonly diary: string[] = [];
  readonly received: string[] = [];
  hello: Hello;
  judge: (hello: Hello) => Refusal | null = () => null;
  onMessage: (text: string) => void = (text) => this.received.push(text);

  constructor(
    world: { readonly network: MemoryNetwork; readonly clock: VirtualClock },
    id: number,
    peers: readonly number[],
    limits: Partial<LinkLimits> = {},
  ) {
    this.hello = helloOf(id);
    this.links = new PeerLinks({
      ...world,
      listen: addressOf(id),
      peers: peers.map((peer) => ({ id: nodeId(peer), address: addressOf(peer) })),
      seed: id,
      limits: { ...defaultLinkLimits, ...limits },
    });
  }

  async start(): Promise<void> {
    const handlers: TransportHandlers = {
      hello: () => this.hello,
      judge: (hello) => this.judge(hello),
      onMet: (hello) => this.diary.push(`met ${hello.nodeId}.${hello.incarnation}`),
      onLost: (peer, reason) => this.diary.push(`lost ${peer}: ${reason}`),
      onRefused: (peer, { code }) => this.diary.push(`refused by ${peer}: ${code}`),
      onMessage: (from, message) => this.onMessage(`${from.nodeId}: ${textOf(message)}`),
      onFault: (_, reason) => this.diary.push(`fault: ${reason}`),
    };
    await this.links.start(handlers);
  }

  send(to: number, text: string): boolean {
    return this.links.send(nodeId(to), bytesOf(text));
  }

  link(to: number) {
    return this.links.links().find(({ peer }) => peer === to);
  }
}

function world() {
  const clock = new VirtualClock();
  return { clock, network: new MemoryNetwork(clock, below(2 ** 31)) };
}

/** Two nodes that have met, their diaries empty. */
async function pair(limits: Partial<LinkLimits> = {}) {
  const shared = world();
  const one = new Node(shared, 1, [2], limits);
  const two = new Node(shared, 2, [1], limits);
  await one.start();
  await two.start();
  shared.clock.advance(200);
  expect([one.link(2)?.state, two.link(1)?.state]).toEqual(["open", "open"]);
  one.diary.length = 0;
  two.diary.length = 0;
  return { ...shared, one, two };
}

/** Someone with a raw stream to node `id`, and what it hears. */
function stranger(network: MemoryNetwork, id: number) {
  const heard = { bytes: 0, closed: "" };
  const handlers: StreamHandlers = {
    onOpen() {},
    onData: (bytes) => {
      heard.bytes += bytes.length;
    },
    onDrain() {},
    onClose: (reason) => {
      heard.closed = reason;
    },
  };
  const stream: ByteStream = network.dial(addressOf(id), handlers);
  return { stream, heard };
}

function frame(...parameters: Parameters<FrameWriter["append"]>): Uint8Array {
  const writer = new FrameWriter();
  writer.append(...parameters);
  let bytes = new Uint8Array(0);
  writer.flush((taken) => {
    bytes = taken.slice();
    return taken.length;
  });
  return bytes;
}

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
    two.judge = () => ({ code: "not_a_member", detail: "not yet" });
    await one.start();
    await two.start();
    shared.clock.advance(2_000);
    expect(one.diary).toEqual(["refused by 2: not_a_member"]);
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

describe("strangers", () => {
  test("who send garbage are cut off, and nobody else is", async () => {
    const { clock, network, one, two } = await pair();
    const { stream, heard } = stranger(network, 2);
    clock.settle();
    stream.write(bytesOf("GET / HTTP/1.1\r\nHost: example\r\n\r\n"));
    clock.settle();
    expect(heard).toEqual({ bytes: 0, closed: "connection reset" });
    expect(two.diary).toEqual(["fault: malformed frame: no magic"]);
    one.send(2, "still here");
    clock.settle();
    expect(two.received).toEqual(["1: still here"]);
  });

  test("who say nothing are cut off", async () => {
    const { clock, network, two } = await pair();
    const { heard } = stranger(network, 2);
    clock.advance(4_999);
    expect(heard.closed).toBe("");
    clock.advance(1);
    expect(heard.closed).toBe("connection reset");
    expect(two.diary).toEqual(["fault: no greeting within 5 s"]);
  });

  for (const [name, bytes, fault] of [
    ["a message", frame("message", bytesOf("x")), "a message frame before any greeting"],
    ["a ping", frame("ping"), "a ping frame before any greeting"],
    ["a broken hello", frame("hello", bytesOf("x")), "malformed hello: not an array"],
    ["a huge hello", frame("hello", new Uint8Array(65_537)), "65537 bytes where at most 65536"],
  ] as const) {
    test(`who begin with ${name} are cut off`, async () => {
      const { clock, network, two } = await pair();
      const { stream, heard } = stranger(network, 2);
      clock.settle();
      for (let at = 0; at < bytes.length && heard.closed === ""; clock.settle()) {
        at += stream.write(bytes.subarray(at));
      }
      expect(heard.closed).toBe("connection reset");
      expect(two.diary.join()).toContain(fault);
      expect(two.received).toEqual([]);
    });
  }

  test("may be only so many", async () => {
    const { clock, network, two } = await pair({ acceptedLinksMax: 3 });
    const strangers = [1, 2, 3].map(() => stranger(network, 2));
    clock.settle();
    expect(strangers.map(({ heard }) => heard.closed)).toEqual(["", "", "connection reset"]);
    expect(two.diary).toEqual(["fault: more than 3 connections at a time"]);
    // One that leaves makes room.
    strangers[0]?.stream.terminate();
    clock.settle();
    const next = stranger(network, 2);
    clock.settle();
    expect(next.heard.closed).toBe("");
  });
});

describe("a peer that was accepted", () => {
  /** A raw stream of node 3 to node 2, greeted. */
  async function greeted() {
    const meeting = await pair();
    const raw = stranger(meeting.network, 2);
    meeting.clock.settle();
    raw.stream.write(frame("hello", encodeHello(helloOf(3))));
    meeting.clock.settle();
    expect(raw.heard.bytes).toBeGreaterThan(frameHeaderBytes);
    expect(meeting.two.diary).toEqual(["met 3.1"]);
    return { ...meeting, ...raw };
  }

  test("is cut off for a frame with a flipped bit", async () => {
    const { clock, stream, heard, two } = await greeted();
    const damaged = frame("message", bytesOf("hello"));
    damaged.set([0x00], frameHeaderBytes + 1);
    stream.write(damaged);
    clock.settle();
    expect(heard.closed).toBe("connection reset");
    expect(two.received).toEqual([]);
    expect(two.diary).toContain("fault: malformed frame: wrong checksum");
  });

  test("may not greet again on a link that is open", async () => {
    const { clock, network, one } = await pair();
    const line = network.lines.find((candidate) => candidate.dialler.remote === addressOf(2));
    line?.acceptor.write(frame("helloAccepted", encodeHello(helloOf(2))));
    clock.settle();
    const reason = "malformed link: a helloAccepted frame behind the greeting";
    expect(one.diary).toContain(`lost 2: ${reason}`);
  });

  test("is cut off for a frame out of place", async () => {
    const { clock, stream, two } = await greeted();
    stream.write(frame("refused", bytesOf("x")));
    clock.settle();
    expect(two.diary).toContain("fault: malformed link: a refused frame on an open link");
  });

  test("is cut off when the host finds its message malformed", async () => {
    const { clock, stream, heard, two } = await greeted();
    two.onMessage = () => {
      throw new MalformedError("peer message", "not an array");
    };
    stream.write(frame("message", bytesOf("x")));
    clock.settle();
    expect(heard.closed).toBe("connection reset");
    expect(two.diary).toContain("fault: malformed peer message: not an array");
  });

  test("does not hide a fault of the host's own", async () => {
    const { clock, stream, two } = await greeted();
    two.onMessage = () => {
      throw new Error("a broken assumption");
    };
    stream.write(frame("message", bytesOf("x")));
    expect(() => clock.settle()).toThrow("a broken assumption");
  });
});
