import { afterEach, describe, expect, test } from "bun:test";
import { bunClock } from "../../../src/actors/bun/clock";
import { bunTcp } from "../../../src/actors/bun/tcp";
import { PeerLinks } from "../../../src/actors/links/peer-links";
import type { ByteStream, StreamHandlers, StreamListener } from "../../../src/actors/stream";
import { StartupError } from "../../../src/errors";
import type { Hello, Refusal } from "../../../src/messages";
import { clusterId, nodeId } from "../../../src/types";
import { helloOf } from "../../codec/greeting-fixture";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Resolves when `condition` holds, asked again each time something was noted. */
class Diary {
  readonly lines: string[] = [];
  private readonly waiting = new Set<() => void>();

  note(line: string): void {
    this.lines.push(line);
    for (const check of this.waiting) check();
  }

  async until(condition: (lines: readonly string[]) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => condition(this.lines) && resolve();
    this.waiting.add(check);
    check();
    await promise;
    this.waiting.delete(check);
  }

  heard(line: string): Promise<void> {
    return this.until((lines) => lines.includes(line));
  }
}

interface Node {
  readonly links: PeerLinks;
  readonly diary: Diary;
  readonly received: Uint8Array[];
}

async function startNode(hello: Hello, judge: (hello: Hello) => Refusal | null = () => null) {
  const links = new PeerLinks({
    listen: "127.0.0.1:0",
    network: bunTcp,
    clock: bunClock,
    seed: hello.nodeId,
  });
  const node: Node = { links, diary: new Diary(), received: [] };
  await links.start({
    hello: () => hello,
    judge,
    onMet: ({ nodeId }) => node.diary.note(`met ${nodeId}`),
    onLost: (peer, reason) => node.diary.note(`lost ${peer}: ${reason}`),
    onRefused: (peer, { detail }) => node.diary.note(`refused by ${peer}: ${detail}`),
    onMessage: (_, message) => {
      node.received.push(message);
      node.diary.note("message");
    },
    onFault: (_, reason) => node.diary.note(`fault: ${reason}`),
  });
  closers.push(() => links.stop());
  return node;
}

const dial = (node: Node, id: number, to: Node) =>
  node.links.setPeers([{ id: nodeId(id), address: to.links.address ?? "" }]);

/** Two nodes on random ports, both links open. */
async function pair() {
  const [one, two] = [await startNode(helloOf(1)), await startNode(helloOf(2))];
  dial(one, 2, two);
  dial(two, 1, one);
  const metTwice = (lines: readonly string[]) =>
    lines.filter((line) => line.startsWith("met")).length === 2;
  await Promise.all([one.diary.until(metTwice), two.diary.until(metTwice)]);
  return { one, two };
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));

describe("two transports over TCP", () => {
  test("hear each other's messages in order", async () => {
    const { one, two } = await pair();
    const count = 2_000;
    for (let i = 0; i < count; i++) {
      expect(one.links.send(nodeId(2), bytesOf(`one ${i}`))).toBe(true);
      expect(two.links.send(nodeId(1), bytesOf(`two ${i}`))).toBe(true);
    }
    await one.diary.until(() => one.received.length === count);
    await two.diary.until(() => two.received.length === count);
    const texts = (node: Node) => node.received.map((bytes) => Buffer.from(bytes).toString());
    expect(texts(two)).toEqual(Array.from({ length: count }, (_, i) => `one ${i}`));
    expect(texts(one)).toEqual(Array.from({ length: count }, (_, i) => `two ${i}`));
  });

  test("carry five megabytes whole, and what follows after them", async () => {
    const { one, two } = await pair();
    const large = Uint8Array.from({ length: 5 * 1024 * 1024 }, (_, i) => (i * 31) ^ (i >> 8));
    expect(one.links.send(nodeId(2), large)).toBe(true);
    expect(one.links.send(nodeId(2), large)).toBe(true);
    expect(one.links.send(nodeId(2), bytesOf("after"))).toBe(true);
    await two.diary.until(() => two.received.length === 3);
    expect(two.received.map((bytes) => bytes.length)).toEqual([large.length, large.length, 5]);
    expect(Bun.hash(two.received[1] ?? "")).toBe(Bun.hash(large));
  });

  test("send what is queued before they stop", async () => {
    const { one, two } = await pair();
    const large = new Uint8Array(5 * 1024 * 1024).fill(7);
    one.links.send(nodeId(2), large);
    one.links.send(nodeId(2), bytesOf("last"));
    await one.links.stop();
    await two.diary.until(() => two.received.length === 2);
    expect(two.received.map((bytes) => bytes.length)).toEqual([large.length, 4]);
    await two.diary.heard("lost 1: closed by the peer");
  });

  test("find each other again after one was away", async () => {
    const { one, two } = await pair();
    await two.links.stop();
    await one.diary.heard("lost 2: closed by the peer");
    expect(one.links.send(nodeId(2), bytesOf("x"))).toBe(false);
    const address = two.links.address ?? "";
    const again = new PeerLinks({
      listen: address,
      network: bunTcp,
      clock: bunClock,
      seed: 3,
    });
    const diary = new Diary();
    await again.start({
      hello: () => helloOf(2),
      judge: () => null,
      onMet: ({ nodeId }) => diary.note(`met ${nodeId}`),
      onLost() {},
      onRefused() {},
      onMessage: (_, message) => diary.note(Buffer.from(message).toString()),
    });
    closers.push(() => again.stop());
    await diary.heard("met 1");
    await one.diary.until(() => one.links.links()[0]?.state === "open");
    expect(one.links.send(nodeId(2), bytesOf("welcome back"))).toBe(true);
    await diary.heard("welcome back");
  });

  test("refuse a foreign cluster with the reason at both ends", async () => {
    const judge = (mine: Hello) => (hello: Hello) =>
      hello.clusterId === mine.clusterId
        ? null
        : ({
            code: "foreign_cluster",
            detail: `cluster ${hello.clusterId}, not ${mine.clusterId}`,
          } as const);
    const ours = helloOf(1);
    const theirs = helloOf(2, { clusterId: clusterId("feed") });
    const one = await startNode(ours, judge(ours));
    const two = await startNode(theirs, judge(theirs));
    dial(one, 2, two);
    await one.diary.heard("refused by 2: cluster c0ffee, not feed");
    await two.diary.heard("fault: refused: cluster c0ffee, not feed");
    expect(one.links.links()).toMatchObject([
      {
        state: "backoff",
        reason: "cluster c0ffee, not feed",
        refusal: { code: "foreign_cluster" },
      },
    ]);
  });
});

/** A raw stream, and what became of it. */
function rawStream(address: string, script: (stream: ByteStream) => void) {
  const closed = Promise.withResolvers<string>();
  const handlers: StreamHandlers = {
    onOpen: () => script(stream),
    onData() {},
    onDrain() {},
    onClose: (reason) => closed.resolve(reason),
  };
  const stream = bunTcp.dial(address, handlers);
  closers.push(() => stream.terminate());
  return closed.promise;
}

describe("the peer port", () => {
  test("cuts garbage off, and that connection only", async () => {
    const { one, two } = await pair();
    const random = crypto.getRandomValues(new Uint8Array(4_096));
    random[0] = 0; // Never our magic by chance.
    for (const garbage of [random, bytesOf("GET / HTTP/1.1\r\n\r\n")]) {
      const reason = await rawStream(two.links.address ?? "", (stream) => stream.write(garbage));
      expect(reason).toMatch(/connection reset|closed by the peer/);
    }
    expect(two.diary.lines.filter((line) => line.startsWith("fault"))).toEqual([
      "fault: malformed frame: no magic",
      "fault: malformed frame: no magic",
    ]);
    one.links.send(nodeId(2), bytesOf("still here"));
    await two.diary.heard("message");
    expect(one.diary.lines).toEqual(["met 2", "met 2"]);
  });
});

describe("listening and dialling", () => {
  const deaf: StreamHandlers = { onOpen() {}, onData() {}, onDrain() {}, onClose() {} };
  const listen = async (address: string): Promise<StreamListener> => {
    const listener = bunTcp.listen(address, () => deaf);
    closers.push(() => listener.stop());
    return listener;
  };

  test("a port in use is a StartupError that says what to do", async () => {
    const { address } = await listen("127.0.0.1:0");
    const failure = await listen(address).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartupError);
    expect(failure).toMatchObject({
      code: "port_in_use",
      message:
        `cannot listen on ${address}: the port is in use; ` +
        "stop what uses it, or choose another port",
    });
  });

  test("an address that is none, or not ours, is a bad flag", async () => {
    await expect(listen("nonsense")).rejects.toMatchObject({ code: "bad_flag" });
    await expect(listen("192.0.2.1:0")).rejects.toMatchObject({ code: "bad_flag" });
  });

  test("IPv6 literals stand in brackets", async () => {
    const { address } = await listen("[::1]:0");
    expect(address).toMatch(/^\[::1\]:\d+$/);
    const opened = Promise.withResolvers<void>();
    const stream = bunTcp.dial(address, { ...deaf, onOpen: () => opened.resolve() });
    await opened.promise;
    stream.terminate();
  });

  test("a dial that fails says why", async () => {
    const { address, stop } = await listen("127.0.0.1:0");
    stop();
    expect(await rawStream(address, () => {})).toBe("connection refused");
    expect(await rawStream("nonsense", () => {})).toBe("nonsense is no address");
  });
});
