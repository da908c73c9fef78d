/** Whom a node dials: told anew each time the configuration or an address changes. */
import { describe, expect, test } from "bun:test";
import type { StreamHandlers } from "../../../src/actors/stream";
import type { Refusal } from "../../../src/messages";
import { helloOf } from "../../codec/greeting-fixture";
import type { LineBehaviour, MemoryNetwork } from "./memory-network";
import { addressOf, Node, pair, world } from "./world";

const elsewhere = addressOf(7);
const narrow: LineBehaviour = { capacity: 10, pieceMax: 10 };
const deaf: StreamHandlers = { onOpen() {}, onData() {}, onDrain() {}, onClose() {} };

/** Node 2 where it lives now, taking greetings and dialling nobody. */
async function movedTwo(shared: ReturnType<typeof world>): Promise<Node> {
  const two = new Node(shared, 7, []);
  two.hello = helloOf(2);
  await two.start();
  return two;
}

/** Whoever dials node 2 from now on is taken, and never greeted. */
const silenceTwo = (network: MemoryNetwork) => network.listen(addressOf(2), () => deaf);

describe("a transport dials", () => {
  test("nobody before it is told whom", async () => {
    const shared = world();
    const one = new Node(shared, 1, []);
    expect(() => one.dials(2)).toThrow("a transport dials only once it has started");
    await one.start();
    shared.clock.advance(10_000);
    expect(shared.network.dials).toEqual([]);
    expect(one.send(2, "nobody")).toBe(false);
  });

  test("nobody when its port does not listen: peers would take it for the one", async () => {
    const shared = world();
    shared.network.listen = () => {
      throw new Error("the port is in use");
    };
    const one = new Node(shared, 1, []);
    await expect(one.start()).rejects.toThrow("the port is in use");
    one.dials(2);
    shared.clock.advance(10_000);
    expect(shared.network.dials).toEqual([]);
  });

  test("one more, and leaves the others alone", async () => {
    const { clock, network, one, two } = await pair();
    const three = new Node({ clock, network }, 3, []);
    await three.start();
    const before = network.dials.length;
    one.dials(2, 3);
    clock.settle();
    expect(network.dials.slice(before)).toEqual([addressOf(3)]);
    expect([one.diary, two.diary]).toEqual([["met 3.1"], []]);
    expect([one.send(2, "old"), one.send(3, "new")]).toEqual([true, true]);
    clock.settle();
    expect([two.received, three.received]).toEqual([["1: old"], ["1: new"]]);
  });

  test("nobody twice, though told twice", async () => {
    const { clock, network, one, two } = await pair();
    const before = network.dials.length;
    one.dials(2);
    clock.advance(10_000);
    expect(network.dials.length).toBe(before);
    expect([...one.diary, ...two.diary]).toEqual([]);
    expect(() => one.dials(2, 2)).toThrow("a peer is dialled at one address");
  });

  test("nobody once it stops", async () => {
    const { clock, network, one } = await pair();
    const before = network.dials.length;
    const done = one.links.stop();
    one.dials(2, 3);
    clock.settle();
    await done;
    expect(network.dials.length).toBe(before);
    expect(one.diary).toEqual(["lost 2: this node is stopping"]);
  });
});

describe("a peer that is dialled no more", () => {
  test("is lost once, and sent nothing more than what was queued", async () => {
    const { clock, one, two } = await pair();
    expect(one.send(2, "farewell")).toBe(true);
    one.dials();
    expect(one.diary).toEqual(["lost 2: dialled no more"]);
    expect(one.send(2, "too late")).toBe(false);
    expect(one.links.links()).toEqual([]);
    clock.advance(60_000);
    expect(two.received).toEqual(["1: farewell"]);
    expect(one.diary).toEqual(["lost 2: dialled no more"]);
    expect(two.unheard).toEqual([1]);
  });

  test("goes on being heard on its own link", async () => {
    const { clock, one, two } = await pair();
    one.dials();
    clock.advance(60_000);
    expect(two.link(1)?.state).toBe("open");
    expect(two.send(1, "still here")).toBe(true);
    clock.settle();
    expect(one.received).toEqual(["2: still here"]);
    expect([one.unheard, two.diary]).toEqual([[], []]);
    // It may also greet anew, and is not dialled back for it.
    one.links.disconnect(one.hello.nodeId, "nobody");
    one.links.disconnect(two.hello.nodeId, "a test");
    clock.advance(1_000);
    expect(one.diary.slice(1)).toEqual(["fault: a test", "met 2.1"]);
    expect(one.links.links()).toEqual([]);
  });

  test("is forgotten at once where there was no link yet", async () => {
    const shared = world();
    const one = new Node(shared, 1, [2, 3]);
    const refusal: Refusal = { code: "foreign_cluster", detail: "who are you" };
    const three = new Node(shared, 3, []);
    three.judge = () => refusal;
    await three.start();
    await one.start();
    shared.clock.advance(10);
    expect(one.link(2)).toMatchObject({ state: "backoff", reason: "connection refused" });
    expect(one.link(3)).toMatchObject({ state: "backoff", refusal });
    one.dials();
    expect(shared.clock.pending).toBe(0);
    const before = shared.network.dials.length;
    // Neither time nor its coming back brings it to mind.
    const two = new Node(shared, 2, [1]);
    await two.start();
    shared.clock.advance(10_000);
    expect(shared.network.dials.slice(before)).toEqual([addressOf(1)]);
    expect(one.diary).toEqual(["refused by 3: foreign_cluster", "met 2.1"]);
  });

  test("is forgotten in the middle of a dial and of a greeting", async () => {
    const shared = world();
    shared.network.swallowsDials = true;
    const one = new Node(shared, 1, [2]);
    await one.start();
    shared.clock.advance(10);
    expect(one.link(2)?.state).toBe("connecting");
    one.dials();
    shared.network.swallowsDials = false;
    silenceTwo(shared.network);
    one.dials(2);
    shared.clock.advance(10);
    expect(one.link(2)?.state).toBe("handshaking");
    one.dials();
    shared.clock.advance(60_000);
    expect([one.diary, one.links.links()]).toEqual([[], []]);
    expect(shared.clock.pending).toBe(0);
  });

  test("may be so in the moment in which it is met", async () => {
    const shared = world();
    const one = new Node(shared, 1, []);
    const two = new Node(shared, 2, []);
    await one.start();
    await two.start();
    one.onMet = () => one.dials();
    one.dials(2);
    shared.clock.advance(60_000);
    expect(one.diary).toEqual(["met 2.1", "lost 2: dialled no more"]);
    expect(one.send(2, "too late")).toBe(false);
  });
});

describe("a peer at another address", () => {
  for (const state of ["connecting", "handshaking", "open", "backoff"] as const) {
    test(`is dialled there at once, though its old link is ${state}`, async () => {
      const shared = world();
      const { clock, network } = shared;
      const old = new Node(shared, 2, []);
      if (state === "open") await old.start();
      if (state === "handshaking") silenceTwo(network);
      network.swallowsDials = state === "connecting";
      const one = new Node(shared, 1, [2]);
      await one.start();
      clock.advance(10);
      expect(one.link(2)?.state).toBe(state);
      one.diary.length = 0;
      network.swallowsDials = false;
      const two = await movedTwo(shared);
      const before = network.dials.length;
      one.dialsAt(2, elsewhere);
      clock.settle();
      const lost = state === "open" ? [`lost 2: dialled at ${elsewhere} from now on`] : [];
      expect(one.diary).toEqual([...lost, "met 2.1"]);
      expect(one.link(2)).toMatchObject({ state: "open", address: elsewhere });
      expect(one.send(2, "there you are")).toBe(true);
      clock.advance(60_000);
      expect(two.received).toEqual(["1: there you are"]);
      expect(old.received).toEqual([]);
      expect(one.diary).toHaveLength(lost.length + 1);
      // Nobody looks for it where it was.
      expect(network.dials.slice(before)).toEqual([elsewhere]);
    });
  }
});

describe("a peer that is dialled again while its old link still closes", () => {
  /** What node 1 has queued cannot leave, so that its old link takes its whole time. */
  async function stuck() {
    const meeting = await pair();
    const { clock, network, one } = meeting;
    const line = network.lines.find(({ dialler }) => dialler.remote === addressOf(2));
    if (line === undefined) throw new Error("node 1 has dialled node 2");
    Object.assign(line, { mute: true, behaviour: narrow });
    expect(one.send(2, "this does not get through")).toBe(true);
    one.dials();
    clock.settle();
    return meeting;
  }

  test("gets a new link at once, and never what was queued on the old one", async () => {
    const { clock, one, two } = await stuck();
    one.dials(2);
    clock.settle();
    expect(one.link(2)?.state).toBe("open");
    expect(one.send(2, "new")).toBe(true);
    clock.advance(60_000);
    expect(two.received).toEqual(["1: new"]);
  });

  test("is not lost by the old link's end", async () => {
    const { clock, network, one } = await stuck();
    network.lines.length = 0;
    one.dials(2);
    clock.advance(2_000);
    const [link] = network.lines;
    expect(one.diary).toEqual(["lost 2: dialled no more", "met 2.1"]);
    expect(one.link(2)?.state).toBe("open");
    link?.breakOff("connection reset");
    clock.settle();
    expect(one.diary).toEqual(["lost 2: dialled no more", "met 2.1", "lost 2: connection reset"]);
  });

  test("may be so in the moment in which it is lost", async () => {
    const { clock, one } = await pair();
    one.onLost = () => one.dials(2);
    one.dials(3);
    clock.settle();
    // What was asked for last counts, and nothing of what was asked before.
    expect(one.links.links()).toMatchObject([{ peer: 2, state: "open" }]);
  });

  test("keeps the transport from stopping before both are closed", async () => {
    const { clock, one, two } = await stuck();
    const others = two.links.stop();
    let isStopped = false;
    const done = one.links.stop().then(() => {
      isStopped = true;
    });
    clock.advance(999);
    await Promise.resolve();
    expect(isStopped).toBe(false);
    clock.advance(1);
    await Promise.all([done, others]);
    expect(clock.pending).toBe(0);
  });
});

describe("a node that is not wanted any more", () => {
  const removed: Refusal = { code: "removed", detail: "node 1 was removed from the cluster" };

  test("hears so before its connection ends, be the line ever so narrow", async () => {
    const shared = world();
    shared.network.behaviour = { capacity: 3, pieceMax: 2 };
    const one = new Node(shared, 1, [2]);
    const two = new Node(shared, 2, []);
    two.judge = () => removed;
    await two.start();
    await one.start();
    shared.clock.advance(100);
    expect(one.diary).toEqual(["refused by 2: removed"]);
    expect(one.link(2)).toMatchObject({ reason: removed.detail, refusal: removed });
  });

  test("is made to greet anew, and hears so then", async () => {
    const { clock, one, two } = await pair();
    two.judge = () => removed;
    one.dials(2);
    two.dials();
    two.links.disconnect(one.hello.nodeId, removed.detail);
    clock.advance(200);
    expect(two.unheard).toEqual([1]);
    expect(one.diary).toEqual(["lost 2: connection reset", "refused by 2: removed"]);
    expect(one.send(2, "but")).toBe(false);
  });
});
