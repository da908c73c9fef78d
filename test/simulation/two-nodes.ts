/** Two nodes on a simulated network, without anything behind their transports. */
import type { Peer, Transport } from "../../src/actors/transport";
import type { Hello, Refusal } from "../../src/messages";
import { Life } from "../../src/simulation/life";
import {
  calmNetwork,
  homeOf,
  type NetworkFaults,
  type NetworkOptions,
  type SimulatedNetwork,
} from "../../src/simulation/network";
import { Seeded } from "../../src/simulation/seeded";
import { VirtualClock } from "../../src/simulation/virtual-clock";
import { clusterId, diskId, incarnation, logIndex, nodeId, term } from "../../src/types";

export const [ONE, TWO] = [nodeId(1), nodeId(2)];
/** Long enough for two that run to meet. Units: ms. */
const MEETING_MS = 20;

export const helloOf = (id: number, life = 1): Hello => ({
  protocolVersion: 1,
  clusterId: clusterId("c"),
  nodeId: nodeId(id),
  diskId: diskId(`disk-${id}`),
  incarnation: incarnation(life),
  apiAddress: "",
  lastLogIndex: logIndex(0),
  lastLogTerm: term(0),
  peerAddress: null,
  configuredAddress: null,
});

/** Whom to dial: a node at its home, unless told where. */
export const peerAt = (id: number, address = homeOf(nodeId(id))): Peer => ({
  id: nodeId(id),
  address,
});

/** Two nodes that have met, and what they saw from then on, in order. */
export function twoNodes<Network extends SimulatedNetwork>(
  connect: (options: NetworkOptions) => Network,
  faults: Partial<NetworkFaults> = {},
) {
  const clock = new VirtualClock(new Seeded("network"));
  const network = connect({
    clock,
    random: new Seeded("network").fork("network"),
    isRepeatable: () => true,
    onSend: () => {},
  });
  network.faults = { ...calmNetwork, ...faults };
  const seen: string[] = [];
  const unheard: string[] = [];
  let lives = 0;
  for (const id of [ONE, TWO]) network.place(id, homeOf(id));
  /** Node 1 dials node 2, and any other dials node 1. */
  const start = (id: number, judge: (hello: Hello) => Refusal | null = () => null) => {
    const hello = helloOf(id, ++lives);
    const life = new Life((error) => {
      throw error;
    });
    const transport = network.transportOf(nodeId(id), life);
    void transport.start({
      hello: () => hello,
      judge,
      onMet: (hello) => seen.push(`${id} meets ${hello.nodeId}`),
      onLost: (peer, reason) => seen.push(`${id} loses ${peer}: ${reason}`),
      onUnheard: (peer) => unheard.push(`${id} hears no more of ${peer}`),
      onRefused: () => {},
      onMessage: (from, bytes) => seen.push(`${id} hears ${bytes[0]} from ${from.nodeId}`),
    });
    transport.setPeers([peerAt(id === 1 ? 2 : 1)]);
    return { life, transport };
  };
  const run = (ms: number) => {
    const untilMs = clock.nowMs + ms;
    while (clock.step(untilMs));
    return seen.splice(0);
  };
  const [one, two] = [start(1), start(2)];
  run(MEETING_MS);
  return { network, clock, one, two, run, start, unheard };
}

export const send = (transport: Transport, to: number, byte: number, length = 1) =>
  transport.send(nodeId(to), new Uint8Array(length).fill(byte));
