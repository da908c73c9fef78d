/** Both networks mean the same by whom a node dials, and where. */
import { describe, expect, test } from "bun:test";
import { MessageNetwork } from "../../src/simulation/message-network";
import { homeOf, type NetworkOptions, type SimulatedNetwork } from "../../src/simulation/network";
import { StreamNetwork } from "../../src/simulation/stream-network";
import { nodeId } from "../../src/types";
import { ONE, peerAt, send, TWO, twoNodes } from "./two-nodes";

const THREE = nodeId(3);
const elsewhere = "elsewhere:9080";

const networks: Readonly<Record<string, (options: NetworkOptions) => SimulatedNetwork>> = {
  messages: (options) => new MessageNetwork(options),
  streams: (options) => new StreamNetwork(options),
};

for (const [name, connect] of Object.entries(networks)) {
  describe(`on the network of ${name} a peer`, () => {
    test("that is dialled no more is lost once, and goes on being heard", () => {
      const { network, one, two, run, unheard } = twoNodes(connect);
      one.transport.setPeers([]);
      expect(send(one.transport, 2, 1)).toBe(false);
      expect([one.transport.links(), network.linkOf(ONE, TWO)]).toEqual([[], null]);
      expect(run(10_000)).toEqual([expect.stringContaining("1 loses 2: dialled no more")]);
      expect(unheard).toEqual(["2 hears no more of 1"]);
      send(two.transport, 1, 7);
      expect(run(100)).toEqual(["1 hears 7 from 2"]);
    });

    test("that is dialled again has one new link, open or not before", () => {
      const { network, one, two, run, start } = twoNodes(connect);
      const peer = peerAt(2);
      const forth = () => one.transport.setPeers([peer]);
      const back = () => one.transport.setPeers([]);
      const before = network.linkOf(ONE, TWO);
      back();
      forth();
      expect(run(1000).filter((line) => line.startsWith("2"))).toEqual(["2 meets 1"]);
      expect(network.linkOf(ONE, TWO)).not.toBe(before);
      expect(network.linkOf(ONE, TWO)).not.toBeNull();
      two.life.end();
      network.onProcessGone(TWO, "killed");
      run(1000);
      back();
      forth();
      start(2);
      const seen = run(5000);
      expect(seen.filter((line) => line === "2 meets 1")).toHaveLength(2);
      expect(seen.filter((line) => line.includes("loses"))).toEqual([]);
    });

    test("that is added later is reached, and the others keep their links", () => {
      const { network, one, run, start } = twoNodes(connect);
      const before = network.linkOf(ONE, TWO);
      one.transport.setPeers([peerAt(2), peerAt(3)]);
      expect(run(2000)).toEqual([]);
      network.place(THREE, homeOf(THREE));
      start(3);
      expect(run(2000)).toContain("3 meets 1");
      expect(network.linkOf(ONE, TWO)).toBe(before);
      expect(network.linkOf(ONE, THREE)).not.toBe(before);
      expect(send(one.transport, 3, 5)).toBe(true);
      expect(run(100)).toEqual(["3 hears 5 from 1"]);
    });

    test("that has moved is reached where it is, and nobody for it where it was", () => {
      const { network, one, two, run, start } = twoNodes(connect);
      two.life.end();
      network.onProcessGone(TWO, "killed");
      run(500);
      network.place(TWO, elsewhere);
      start(2);
      run(5000);
      expect(network.linkOf(TWO, ONE)).not.toBeNull();
      expect(network.linkOf(ONE, TWO)).toBeNull();
      // Another lives there now, and is not taken for it.
      network.place(THREE, homeOf(TWO));
      start(3);
      run(5000);
      expect([network.linkOf(ONE, TWO), network.linkOf(ONE, THREE)]).toEqual([null, null]);
      one.transport.setPeers([peerAt(2, elsewhere), peerAt(3, homeOf(TWO))]);
      run(1000);
      expect([network.linkOf(ONE, TWO), network.linkOf(ONE, THREE)]).not.toContain(null);
      send(one.transport, 2, 1);
      send(one.transport, 3, 2);
      expect(run(100).sort()).toEqual(["2 hears 1 from 1", "3 hears 2 from 1"]);
      // They change places.
      network.place(TWO, homeOf(TWO));
      network.place(THREE, elsewhere);
      one.transport.setPeers([peerAt(2), peerAt(3, elsewhere)]);
      run(1000);
      expect([network.linkOf(ONE, TWO), network.linkOf(ONE, THREE)]).not.toContain(null);
    });
  });
}
