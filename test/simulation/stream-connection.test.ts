import { describe, expect, test } from "bun:test";
import { Life } from "../../src/simulation/life";
import { calmNetwork, type NetworkFaults } from "../../src/simulation/network";
import { Reachability } from "../../src/simulation/reachability";
import { Seeded } from "../../src/simulation/seeded";
import { StreamConnection } from "../../src/simulation/stream-connection";
import type { Wire } from "../../src/simulation/stream-way";
import { VirtualClock } from "../../src/simulation/virtual-clock";
import type { NodeId } from "../../src/types";
import { ONE, TWO } from "./two-nodes";

class TestWire extends Reachability implements Wire {
  faults: NetworkFaults = calmNetwork;
  readonly dark = new Set<NodeId>();
  isDark(id: NodeId): boolean {
    return this.dark.has(id);
  }
  happenTo(life: Life, work: () => void): void {
    life.run(work);
  }
}

/** A connection that node 1 has dialled, and what its two ends heard. */
function connected(faults: Partial<NetworkFaults> = {}) {
  const clock = new VirtualClock(new Seeded("clock"));
  const wire = new TestWire(clock);
  wire.faults = { ...calmNetwork, ...faults };
  const holder = (id: NodeId) => ({ id, life: new Life(() => {}), reading: null });
  const random = new Seeded("connection");
  const connection = new StreamConnection(1, holder(ONE), "node-2:1", random);
  const { dialler } = connection;
  const acceptor = connection.reach(holder(TWO), wire);
  const chunks: Uint8Array[] = [];
  const told: string[] = [];
  for (const end of [dialler, acceptor]) {
    end.isAccepted = true;
    end.handlers = {
      onOpen() {},
      onData: (bytes) => chunks.push(bytes),
      onDrain: () => told.push(`${end.id} drained`),
      onClose: (reason) => told.push(`${end.id} closed: ${reason}`),
    };
  }
  const run = (ms: number) => {
    const untilMs = clock.nowMs + ms;
    while (clock.step(untilMs));
    const bytes = chunks.flatMap((chunk) => [...chunk]);
    return { bytes, sizes: chunks.splice(0).map(({ length }) => length), told: told.splice(0) };
  };
  return { wire, dialler, acceptor, run };
}

const numbers = (length: number, from = 0) =>
  Uint8Array.from({ length }, (_, place) => (from + place) % 256);

describe("a simulated stream", () => {
  test("brings bytes in order, in chunks of every size up to the largest", () => {
    const { dialler, run } = connected({ chunkBytesMax: 30 });
    expect(dialler.write(numbers(1000))).toBe(1000);
    const { bytes, sizes } = run(1000);
    expect(bytes).toEqual([...numbers(1000)]);
    expect(Math.max(...sizes)).toBe(30);
    expect(new Set(sizes).size).toBeGreaterThan(5);
  });

  test("keeps what it took, though the writer reuses its buffer", () => {
    const { dialler, run } = connected();
    const buffer = numbers(10);
    dialler.write(buffer);
    buffer.fill(0);
    expect(run(100).bytes).toEqual([...numbers(10)]);
  });

  test("takes no more than it has room for, and says when there is room again", () => {
    const { dialler, run } = connected({ sendBufferBytesMax: 100 });
    expect(dialler.write(numbers(150))).toBe(100);
    expect(dialler.write(numbers(1))).toBe(0);
    expect(run(100)).toMatchObject({ bytes: [...numbers(100)], told: ["1 drained"] });
    expect(dialler.write(numbers(50, 100))).toBe(50);
    expect(run(100)).toMatchObject({ bytes: [...numbers(50, 100)], told: [] });
  });

  test("a cut direction holds bytes back, and brings them all once it is healed", () => {
    const { dialler, wire, run } = connected();
    wire.cut(ONE, TWO);
    dialler.write(numbers(10));
    expect(run(5000).bytes).toEqual([]);
    dialler.write(numbers(10, 10));
    wire.heal();
    expect(run(500).bytes).toEqual([...numbers(20)]);
  });

  test("fills up where only the acknowledgements are cut off", () => {
    const { dialler, wire, run } = connected({ sendBufferBytesMax: 100 });
    wire.cut(TWO, ONE);
    dialler.write(numbers(100));
    expect(run(1000).bytes).toHaveLength(100);
    expect(dialler.write(numbers(10))).toBe(0);
    expect(run(1000).told).toEqual([]);
    wire.heal();
    expect(run(1000).told).toEqual(["1 drained"]);
    expect(dialler.write(numbers(10))).toBe(10);
  });

  test("a clogged direction gathers, a lossy one is only late", () => {
    const { dialler, wire, run } = connected({ dropProbability: 0.5 });
    // A moment that the clock has no tick for.
    wire.clog(ONE, TWO, 300.0004);
    dialler.write(numbers(10));
    expect(run(290).bytes).toEqual([]);
    expect(run(10_000).bytes).toEqual([...numbers(10)]);
  });

  test("closes behind what was written, at both ends", () => {
    const { acceptor, dialler, run } = connected({ chunkBytesMax: 7 });
    dialler.write(numbers(100));
    dialler.end();
    expect(dialler.write(numbers(1))).toBe(0);
    const { bytes, told } = run(1000);
    expect(bytes).toEqual([...numbers(100)]);
    expect(told).toEqual(["2 closed: closed by the peer", "1 closed: closed by the peer"]);
    expect(acceptor.connection.isOver).toBe(true);
  });

  test("a reset loses what is under way and is heard at the other end alone", () => {
    const { acceptor, dialler, run } = connected({ chunkBytesMax: 10 });
    dialler.write(numbers(1000));
    dialler.terminate();
    const { bytes, told } = run(1000);
    expect(bytes).toEqual([...numbers(bytes.length)]);
    expect(bytes.length).toBeLessThan(1000);
    expect(told).toEqual(["2 closed: connection reset"]);
    expect(acceptor.write(numbers(1))).toBe(0);
  });

  test("a reset that is cut off leaves a half-open end, until that end says something", () => {
    const { acceptor, dialler, wire, run } = connected();
    wire.cut(ONE, TWO);
    dialler.terminate();
    run(1000);
    wire.heal();
    expect(run(60_000).told).toEqual([]);
    acceptor.write(numbers(1));
    expect(run(1000)).toMatchObject({ bytes: [], told: ["2 closed: connection reset"] });
  });

  test("a machine without power says nothing, and once it is back, that nobody is there", () => {
    const { acceptor, dialler, wire, run } = connected();
    wire.dark.add(TWO);
    acceptor.leave("silent");
    dialler.write(numbers(10));
    expect(run(60_000).told).toEqual([]);
    wire.dark.clear();
    expect(run(1000)).toMatchObject({ bytes: [], told: ["1 closed: connection reset"] });
  });

  test("a process that dies while it is paused leaves nothing hanging", () => {
    const { acceptor, dialler, run } = connected();
    acceptor.life.pause();
    dialler.write(numbers(10));
    expect(run(1000).bytes).toEqual([]);
    acceptor.life.end();
    acceptor.leave("silent");
    expect(run(1000)).toMatchObject({ bytes: [], told: ["1 closed: connection reset"] });
  });
});
