/** The production links on simulated streams. */
import { describe, expect, test } from "bun:test";
import type { Refusal } from "../../src/messages";
import type { NetworkFaults } from "../../src/simulation/network";
import { StreamNetwork } from "../../src/simulation/stream-network";
import { helloOf, ONE, send, TWO, twoNodes } from "./two-nodes";

const pair = (faults: Partial<NetworkFaults> = {}) =>
  twoNodes((options) => new StreamNetwork(options), faults);

const hearing = (bytes: readonly number[]) => bytes.map((byte) => `2 hears ${byte} from 1`);
const COUNT = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

describe("the network of streams", () => {
  for (const [name, faults] of [
    ["small chunks", { chunkBytesMax: 5 }],
    ["narrow streams", { sendBufferBytesMax: 50 }],
    [
      "narrow streams in small chunks, with losses",
      {
        chunkBytesMax: 30,
        sendBufferBytesMax: 60,
        dropProbability: 0.02,
      },
    ],
  ] as const) {
    test(`brings messages whole and in order through ${name}`, () => {
      const { network, one, run } = pair();
      network.faults = { ...network.faults, ...faults };
      for (const byte of COUNT) expect(send(one.transport, 2, byte, 200)).toBe(true);
      expect(run(4000)).toEqual(hearing(COUNT));
    });
  }

  test("a short cut only delays, and links know nothing of it", () => {
    const { network, one, run } = pair();
    network.cut(ONE, TWO);
    send(one.transport, 2, 1);
    expect(run(1000)).toEqual([]);
    network.heal();
    expect(run(300)).toEqual(hearing([1]));
  });

  test("a long cut is noticed by silence, and links come back behind it", () => {
    const { network, one, run } = pair();
    network.cut(ONE, TWO);
    send(one.transport, 2, 1);
    // Its own pings, or the answers to the other's, stay away.
    expect(run(6000).sort()).toEqual(["1 loses 2: silent for 3 s", "2 loses 1: silent for 3 s"]);
    expect(network.linkOf(ONE, TWO)).toBeNull();
    expect(send(one.transport, 2, 2)).toBe(false);
    network.heal();
    const back = ["1 meets 2", "1 meets 2", "2 meets 1", "2 meets 1"];
    expect(run(4000).sort()).toEqual(back);
    expect([network.linkOf(ONE, TWO), network.linkOf(TWO, ONE)]).not.toContain(null);
    expect(network.standingOf(ONE)).toEqual({ reached: [TWO], accepted: 1 });
  });

  test("a killed process ends its connections, and its port refuses", () => {
    const { network, run, start, two } = pair();
    two.life.end();
    network.onProcessGone(TWO, "killed");
    expect(run(10)).toEqual([expect.stringMatching(/^1 loses 2: c(losed|onnection)/)]);
    run(1000);
    expect(network.linkOf(ONE, TWO)).toBeNull();
    start(2);
    expect(run(1500).sort()).toEqual(["1 meets 2", "1 meets 2", "2 meets 1", "2 meets 1"]);
  });

  test("a machine without power is noticed by silence, also when it is back before", () => {
    const { network, one, run, start, two } = pair();
    two.life.end();
    network.onProcessGone(TWO, "powerLost");
    expect(run(1000)).toEqual([]);
    // One does not know yet; what it says into the half-open connection is answered by a reset.
    start(2);
    expect(send(one.transport, 2, 9)).toBe(true);
    expect(network.linkOf(ONE, TWO)).toBeNull();
    const seen = run(4000);
    expect(seen).toContain("1 loses 2: connection reset");
    expect(seen.filter((line) => line.includes("hears"))).toEqual([]);
    expect(network.linkOf(ONE, TWO)).not.toBeNull();
  });

  test("a reset that only one end hears leaves a half-open link, which is noticed", () => {
    for (let attempt = 0; attempt < 6; attempt++) {
      const { network, one, run } = pair();
      // Chance is drawn per pair: other draws before give other ends.
      for (let draws = 0; draws < attempt; draws++) network.reset(ONE, TWO);
      network.reset(ONE, TWO);
      run(10_000);
      expect(network.linkOf(ONE, TWO)).not.toBeNull();
      send(one.transport, 2, attempt);
      expect(run(100)).toEqual(hearing([attempt]));
    }
  });

  test("a paused process finds its bytes, and the connections that came meanwhile", () => {
    const { clock, network, one, run, two } = pair();
    two.life.pause();
    send(one.transport, 2, 1);
    expect(run(100)).toEqual([]);
    network.reset(ONE, TWO);
    run(1000);
    clock.resume(two.life);
    expect(run(1000)).toContain("2 meets 1");
    expect(network.linkOf(ONE, TWO)).not.toBeNull();
  });

  test("a stranger hears why it may not come in, and is not heard", () => {
    const { network, run, start, two } = pair();
    two.life.end();
    network.onProcessGone(TWO, "killed");
    const refusal: Refusal = { code: "removed", detail: "unknown" };
    start(2, ({ nodeId }) => (nodeId === 9 ? refusal : null));
    run(2000);
    const answers: unknown[] = [];
    network.knock(TWO, helloOf(9), (answer) => answers.push(answer));
    network.knock(TWO, helloOf(1, 99), (answer) => answers.push(answer));
    const seen = run(100);
    expect(answers).toEqual([refusal, null]);
    // Only whoever was let in was heard.
    expect(seen.filter((line) => line.includes("hears"))).toHaveLength(1);
  });
});
