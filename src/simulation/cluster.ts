/**
 * A whole cluster from one seed: 1 to 7 production nodes in one process, on virtual time, with a
 * network and disks that fail as they are told to. The same seed and the same calls give the same
 * history to the last byte.
 */

import { defaultLimits } from "../actors/limits";
import type { CompactionSettings } from "../actors/snapshots/compaction";
import { assert } from "../assert";
import type { RaftContext, RaftTiming } from "../machines/raft/vocabulary";
import { IDEMPOTENCY_LIMITS } from "../store/idempotency";
import { type Address, clusterId, foundedBy, type LogIndex, type NodeId, nodeId } from "../types";
import type { ClusterParts, NodeRecipe } from "./cluster-parts";
import { MessageNetwork } from "./message-network";
import { homeOf, type NetworkOptions, type Sending, type SimulatedNetwork } from "./network";
import { SimulatedNode } from "./node";
import { type ClusterObserver, isRaftMessage, Observers, SentMessage } from "./observer";
import { Seeded } from "./seeded";
import { StreamNetwork } from "./stream-network";
import { InvariantViolation } from "./violation";
import { VirtualClock } from "./virtual-clock";

/** Fewest and most nodes of a cluster. */
export const NODES_MIN = 1;
export const NODES_MAX = 7;

/** Elections of a fast local network. Units: ms. */
export const simulatedTiming: RaftTiming = { electionTimeoutMs: 150, heartbeatIntervalMs: 40 };
/** So small that a few hundred entries fill many segments. Units: bytes. */
export const tinyStore = {
  segmentBytesMax: 16 * 1024,
  preallocateBytes: 2 * 1024,
  cacheBytesMax: 64 * 1024,
  reserveBytes: 2 * 1024,
  markEveryBytes: 8 * 1024,
  snapshotBlockBytes: 512,
} as const;

/** Often, so that every run of some length compacts its logs. */
export const simulatedCompaction: CompactionSettings = {
  snapshotIntervalMs: 5_000,
  snapshotEntries: 200,
};

export interface ClusterOptions extends Partial<NodeRecipe> {
  readonly seed: number | string;
  readonly nodes: number;
  /** Whether nodes talk over the production links, on byte streams; else message by message. */
  readonly streams?: boolean;
}

export class SimulatedCluster {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  /** The root of all streams; fork it by label. */
  readonly random: Seeded;
  readonly recipe: NodeRecipe;
  readonly #parts: ClusterParts;
  readonly #nodes: SimulatedNode[];
  readonly #observers = new Observers();
  /** Chains of all entries that any node has applied, from index 1 on. */
  readonly #appliedChains: number[] = [];
  readonly #lastLook = new Map<SimulatedNode, RaftContext>();
  #violation: InvariantViolation | null = null;

  constructor({ seed, nodes, streams = false, ...recipe }: ClusterOptions) {
    assert(nodes >= NODES_MIN, "a cluster has a node");
    assert(nodes <= NODES_MAX, "a cluster has at most seven nodes");
    const random = new Seeded(`${seed}`);
    const ids = Array.from({ length: nodes }, (_, place) => nodeId(place + 1));
    this.random = random;
    this.clock = new VirtualClock(random.fork("clock"));
    this.recipe = {
      clusterId: clusterId("simulated"),
      founders: foundedBy(ids.map((id) => ({ id, peerAddress: homeOf(id), diskId: null }))),
      timing: simulatedTiming,
      limits: defaultLimits,
      storeLimits: tinyStore,
      compaction: simulatedCompaction,
      idempotencyLimits: IDEMPOTENCY_LIMITS,
      ...recipe,
    };
    const wiring: NetworkOptions = {
      clock: this.clock,
      random: random.fork("network"),
      isRepeatable: isRaftMessage,
      onSend: (sending) => this.#onSend(sending),
    };
    this.network = streams ? new StreamNetwork(wiring) : new MessageNetwork(wiring);
    const { clock, network, recipe: options } = this;
    const appliedChain = (index: LogIndex) => (index === 0 ? 0 : this.#appliedChains[index - 1]);
    this.#parts = { clock, network, random, options, observers: this.#observers, appliedChain };
    this.#nodes = ids.map((id) => new SimulatedNode(id, this.#parts));
    this.#observers.add({
      // The first to hear of an end looks once more: a last deed counts, and may be wrong.
      onEnded: (node) => this.#lookBack(node),
      // A chunk may bring several messages in one event: each is a step of its own to look at.
      onReceiving: (node) => this.#lookAt(node),
      onApplied: (node, { index }) => this.#noteApplied(node, index),
    });
  }

  /** All that there ever were, by id: founders, and those who came later. */
  get nodes(): readonly SimulatedNode[] {
    return this.#nodes;
  }

  get first(): SimulatedNode {
    return this.node(nodeId(1));
  }

  observe(observer: ClusterObserver): void {
    this.#observers.add(observer);
  }

  /** One more node, not booted yet: its disk is blank, it knows the founders and is no member. */
  addNode(): SimulatedNode {
    const id = nodeId(this.nodes.length + 1);
    assert(id <= NODES_MAX, "a cluster has at most seven nodes");
    const node = new SimulatedNode(id, this.#parts);
    this.#nodes.push(node);
    return node;
  }

  /** From its next start on the node is found here, and says so in its greetings. */
  rehouse(node: SimulatedNode, address: Address): void {
    node.movedTo = address;
    this.network.place(node.id, address);
  }

  /** Boots every node that does not run. */
  boot(): void {
    for (const node of this.nodes) node.boot();
    this.#look();
  }

  node(id: NodeId): SimulatedNode {
    const node = this.nodes[id - 1];
    assert(node !== undefined, `node ${id} is of this cluster`);
    return node;
  }

  /** The node that leads the highest term, or null. */
  leader(): SimulatedNode | null {
    let highest: SimulatedNode | null = null;
    let highestTerm = 0;
    for (const node of this.nodes) {
      const context = node.running?.actor.raft.context;
      if (!context?.leadership || context.currentTerm <= highestTerm) continue;
      highestTerm = context.currentTerm;
      highest = node;
    }
    return highest;
  }

  /** Something happens from outside, now: afterwards everybody looks. */
  act(work: () => void): void {
    work();
    this.#look();
  }

  /** One event. False when nothing more happens until `untilMs`. Errors: `InvariantViolation`. */
  step(untilMs: number): boolean {
    const happened = this.clock.step(untilMs);
    if (happened) this.#look();
    return happened;
  }

  /** Lets `ms` of virtual time pass. Errors: `InvariantViolation`. */
  run(ms: number): void {
    const untilMs = this.clock.nowMs + ms;
    while (this.step(untilMs));
  }

  /** Lets time pass until `isReached`; false when that took longer than `ms`. */
  runUntil(isReached: () => boolean, ms: number): boolean {
    const untilMs = this.clock.nowMs + ms;
    while (!isReached()) {
      if (!this.step(untilMs)) return isReached();
    }
    return true;
  }

  /** For invariants. The first violation counts, whoever swallows the error on its way. */
  violate(invariant: string, detail: string): never {
    this.#violation ??= new InvariantViolation(invariant, detail);
    throw this.#violation;
  }

  #noteApplied({ witness }: SimulatedNode, index: LogIndex): void {
    if (index !== this.#appliedChains.length + 1) return;
    const chain = witness.chainAt(index);
    assert(chain !== undefined, "what is applied stands in the log");
    this.#appliedChains.push(chain);
  }

  #lookBack(node: SimulatedNode): void {
    this.#lookAt(node);
    this.#lastLook.delete(node);
  }

  #lookAt(node: SimulatedNode): void {
    const after = node.running?.actor.raft.context;
    if (after === undefined) return;
    const before = this.#lastLook.get(node);
    if (before === after) return;
    this.#lastLook.set(node, after);
    if (this.#violation === null) this.#observers.changed(node, after, before ?? null);
  }

  #look(): void {
    for (const node of this.nodes) this.#lookAt(node);
    if (this.#violation === null) this.#observers.event();
    if (this.#violation !== null) throw this.#violation;
  }

  #onSend({ connection, from, message, to }: Sending): void {
    const sender = this.node(from);
    sender.beginSend();
    if (this.#observers.wants("onSent")) {
      this.#observers.sent(sender, new SentMessage(from, to, message, connection));
    }
  }
}
