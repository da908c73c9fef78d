import { describe, expect, test } from "bun:test";
import { MessageNetwork } from "../../src/simulation/message-network";
import type { NetworkFaults } from "../../src/simulation/network";
import { ONE, send, TWO, twoNodes } from "./two-nodes";

const pair = (faults: Partial<NetworkFaults> = {}) =>
  twoNodes((options) => new MessageNetwork(options), faults);

describe("the network of messages", () => {
  test("carries messages in the order of sending where a link keeps it", () => {
    const { one, run } = pair({ delayMsMean: 20 });
    for (let byte = 0; byte < 5; byte++) send(one.transport, 2, byte);
    expect(run(1000)).toEqual([0, 1, 2, 3, 4].map((byte) => `2 hears ${byte} from 1`));
  });

  test("reorders them where it does not", () => {
    const { one, run } = pair({ delayMsMean: 20, keepsOrder: false });
    for (let byte = 0; byte < 20; byte++) send(one.transport, 2, byte);
    const heard = run(1000);
    expect(heard).toHaveLength(20);
    expect(heard).not.toEqual([...heard].sort());
  });

  test("drops and repeats", () => {
    const { one, run } = pair({ dropProbability: 1, repeatProbability: 1, repeatDelayMsMax: 50 });
    send(one.transport, 2, 7);
    expect(run(1000)).toEqual(["2 hears 7 from 1"]);
  });

  test("a cut loses what is on its way and is noticed by silence only", () => {
    const { network, one, run } = pair({ delayMsMean: 5 });
    send(one.transport, 2, 1);
    network.cut(ONE, TWO);
    expect(send(one.transport, 2, 2)).toBe(true);
    expect(run(5000).sort()).toEqual(["1 loses 2: no sign of life", "2 loses 1: no sign of life"]);
    expect(send(one.transport, 2, 3)).toBe(false);
    network.heal();
    expect(run(1000).sort()).toEqual(["1 meets 2", "1 meets 2", "2 meets 1", "2 meets 1"]);
  });

  test("a killed process resets its links, a dead machine falls silent", () => {
    const { network, run, start, two } = pair();
    two.life.end();
    network.onProcessGone(TWO, "killed");
    expect(run(2)).toEqual(["1 loses 2: connection reset"]);
    const again = start(2);
    run(500);
    again.life.end();
    network.onProcessGone(TWO, "powerLost");
    expect(run(2)).toEqual([]);
    expect(run(5000)).toEqual(["1 loses 2: no sign of life"]);
  });

  test("a message to a dead process never reaches the next one", () => {
    const { network, one, run, start, two } = pair({ delayMsMean: 50 });
    send(one.transport, 2, 9);
    two.life.end();
    network.onProcessGone(TWO, "powerLost");
    start(2);
    expect(run(5000).filter((line) => line.includes("hears"))).toEqual([]);
  });

  test("a clogged direction gathers, and a reset one is dialled again", () => {
    const { network, one, run } = pair();
    network.clog(ONE, TWO, 100);
    send(one.transport, 2, 1);
    expect(run(90)).toEqual([]);
    expect(run(20)).toEqual(["2 hears 1 from 1"]);
    network.reset(ONE, TWO);
    expect(run(500)).toEqual(["1 loses 2: connection reset", "2 meets 1", "1 meets 2"]);
  });

  test("bytes wait in the socket of a paused process", () => {
    const { clock, one, run, two } = pair();
    two.life.pause();
    send(one.transport, 2, 1);
    expect(run(100)).toEqual([]);
    clock.resume(two.life);
    expect(run(1)).toEqual(["2 hears 1 from 1"]);
  });
});
