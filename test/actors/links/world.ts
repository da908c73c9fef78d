import { expect } from "bun:test";
import { defaultLinkLimits, type LinkLimits } from "../../../src/actors/links/link-limits";
import { PeerLinks } from "../../../src/actors/links/peer-links";
import type { ByteStream, StreamHandlers } from "../../../src/actors/stream";
import type { TransportHandlers } from "../../../src/actors/transport";
import { FrameWriter } from "../../../src/codec/frames";
import type { Hello, Refusal } from "../../../src/messages";
import { nodeId } from "../../../src/types";
import { helloOf } from "../../codec/greeting-fixture";
import { seededRandom } from "../../seeded-random";
import { MemoryNetwork } from "./memory-network";
import { VirtualClock } from "./virtual-clock";

const { below } = seededRandom("peer links");
export const addressOf = (id: number) => `node-${id}:9080`;
export const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** One node's transport with a diary of all that it was told. */
export class Node {
  readonly links: PeerLinks;
  readonly diary: string[] = [];
  readonly received: string[] = [];
  /** Peers whose link to us was lost or replaced. */
  readonly unheard: number[] = [];
  hello: Hello;
  judge: (hello: Hello) => Refusal | null = () => null;
  /** What else it does when it meets a peer, and when it loses one. */
  onMet: () => void = () => {};
  onLost: () => void = () => {};
  onMessage: (text: string) => void = (text) => this.received.push(text);

  constructor(
    world: { readonly network: MemoryNetwork; readonly clock: VirtualClock },
    id: number,
    private readonly peers: readonly number[],
    limits: Partial<LinkLimits> = {},
  ) {
    this.hello = helloOf(id);
    this.links = new PeerLinks({
      ...world,
      listen: addressOf(id),
      seed: id,
      limits: { ...defaultLinkLimits, ...limits },
    });
  }

  async start(): Promise<void> {
    const handlers: TransportHandlers = {
      hello: () => this.hello,
      judge: (hello) => this.judge(hello),
      onMet: (hello) => {
        this.diary.push(`met ${hello.nodeId}.${hello.incarnation}`);
        this.onMet();
      },
      onLost: (peer, reason) => {
        this.diary.push(`lost ${peer}: ${reason}`);
        this.onLost();
      },
      onUnheard: (peer) => this.unheard.push(peer),
      onRefused: (peer, { code }) => this.diary.push(`refused by ${peer}: ${code}`),
      onMessage: (from, message) => this.onMessage(`${from.nodeId}: ${textOf(message)}`),
      onFault: (_, reason) => this.diary.push(`fault: ${reason}`),
    };
    await this.links.start(handlers);
    this.dials(...this.peers);
  }

  /** Whom it dials from now on, at their own addresses. */
  dials(...peers: readonly number[]): void {
    this.links.setPeers(peers.map((id) => ({ id: nodeId(id), address: addressOf(id) })));
  }

  /** From now on it dials one peer alone, at another address than its own. */
  dialsAt(peer: number, address: string): void {
    this.links.setPeers([{ id: nodeId(peer), address }]);
  }

  send(to: number, text: string): boolean {
    return this.links.send(nodeId(to), bytesOf(text));
  }

  link(to: number) {
    return this.links.links().find(({ peer }) => peer === to);
  }
}

export function world() {
  const clock = new VirtualClock();
  return { clock, network: new MemoryNetwork(clock, below(2 ** 31)) };
}

/** Two nodes that have met, their diaries empty. */
export async function pair(limits: Partial<LinkLimits> = {}) {
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
export function stranger(network: MemoryNetwork, id: number) {
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

/** Writes all of `bytes`, though a line may take them in pieces, and lets them arrive. */
export function say(clock: VirtualClock, stream: ByteStream | undefined, bytes: Uint8Array): void {
  for (let at = 0; stream && at < bytes.length; clock.settle()) {
    const taken = stream.write(bytes.subarray(at));
    at += taken;
    if (taken === 0) return;
  }
}

export function frame(...parameters: Parameters<FrameWriter["append"]>): Uint8Array {
  const writer = new FrameWriter();
  writer.append(...parameters);
  let bytes = new Uint8Array(0);
  writer.flush((taken) => {
    bytes = taken.slice();
    return taken.length;
  });
  return bytes;
}
