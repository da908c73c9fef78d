/** What can be watched of a simulated cluster: the ground for invariants, traces and statistics. */
import { kindOf } from "../codec/message-kinds";
import { decodePeerMessage } from "../codec/messages";
import { requestKinds } from "../codec/request-messages";
import type { RaftContext } from "../machines/raft/vocabulary";
import type { Hello, PeerMessage } from "../messages";
import type { CommandResult, LogEntry, NodeId } from "../types";
import type { DiskOperation } from "./disk-faults";
import type { SimulatedNode } from "./node";

/** A message on its way; decoded only for those who want to know. */
export class SentMessage {
  #decoded: PeerMessage | null = null;

  constructor(
    readonly from: NodeId,
    readonly to: NodeId,
    readonly bytes: Uint8Array,
    /** The number of the connection that carries it; null where there are only messages. */
    readonly connection: number | null,
  ) {}

  /** The codec's number for the kind of message; 0 where it cannot be seen without decoding. */
  get kind(): number {
    return kindOf(this.bytes);
  }

  get decoded(): PeerMessage {
    this.#decoded ??= decodePeerMessage(this.bytes);
    return this.#decoded;
  }
}

/** Whether bytes are one of Raft's own messages, which may arrive any number of times. */
export function isRaftMessage(bytes: Uint8Array): boolean {
  const kind = kindOf(bytes);
  return kind > 0 && kind < requestKinds.propose;
}

/** How a process came to its end. */
export type LifeEnd =
  /** `removed`: the cluster goes on without it, and it has said its farewell. */
  | { readonly kind: "killed" | "powerLost" | "wiped" | "removed" }
  /** It stopped itself, or failed to catch an error. */
  | { readonly kind: "stopped"; readonly reason: unknown };

/**
 * Hooks are called in the middle of the event they tell of, but for `onEvent`, which comes after
 * it, and `onChanged`, which comes after it and between the messages of one chunk. All optional.
 */
export interface ClusterObserver {
  onBooted?(node: SimulatedNode): void;
  /** The last look at a process: what it did in its last event has been seen. */
  onEnded?(node: SimulatedNode, end: LifeEnd): void;
  /** Before the store gets them; the witness has them already. `replaced` entries went. */
  onAppended?(node: SimulatedNode, entries: readonly LogEntry[], replaced: number): void;
  onApplied?(node: SimulatedNode, entry: LogEntry, result: CommandResult | null): void;
  onSent?(sender: SimulatedNode, message: SentMessage): void;
  /** A process is about to do this to its disk. */
  onDiskOperation?(node: SimulatedNode, operation: DiskOperation): void;
  /** A peer's greeting was accepted, on either link between the two. */
  onMet?(node: SimulatedNode, hello: Hello): void;
  /** The node's own link to a peer closed. */
  onLost?(node: SimulatedNode, peer: NodeId, reason: string): void;
  /** The link on which the node heard a peer closed, or another took its place. */
  onUnheard?(node: SimulatedNode, peer: NodeId): void;
  /** The node closed a connection for a fault at its other end. */
  onFault?(node: SimulatedNode, reason: string): void;
  /** A message reaches a node, which has not looked at it yet. */
  onReceiving?(node: SimulatedNode, from: Hello, message: Uint8Array): void;
  /** The node has dealt with that message. */
  onReceived?(node: SimulatedNode, from: Hello, message: Uint8Array): void;
  /** The chart has moved; `before` is null for the first look at a new life. */
  onChanged?(node: SimulatedNode, after: RaftContext, before: RaftContext | null): void;
  onEvent?(): void;
}

type Hooks = Required<ClusterObserver>;

/** Calls everyone who wants to be called, in the order in which they came. */
export class Observers {
  /** Who wants which: asked several times in each event, so a property and not a map's entry. */
  readonly #hooks: Readonly<Record<keyof Hooks, ClusterObserver[]>> = {
    onBooted: [],
    onEnded: [],
    onAppended: [],
    onApplied: [],
    onSent: [],
    onDiskOperation: [],
    onMet: [],
    onLost: [],
    onUnheard: [],
    onFault: [],
    onReceiving: [],
    onReceived: [],
    onChanged: [],
    onEvent: [],
  };

  add(observer: ClusterObserver): void {
    for (const [name, wanting] of Object.entries(this.#hooks)) {
      if (name in observer) wanting.push(observer);
    }
  }

  wants(name: keyof Hooks): boolean {
    return this.#hooks[name].length > 0;
  }

  booted(node: SimulatedNode): void {
    for (const observer of this.#hooks.onBooted) observer.onBooted?.(node);
  }
  ended(node: SimulatedNode, end: LifeEnd): void {
    for (const observer of this.#hooks.onEnded) observer.onEnded?.(node, end);
  }
  appended(node: SimulatedNode, entries: readonly LogEntry[], replaced: number): void {
    for (const observer of this.#hooks.onAppended) observer.onAppended?.(node, entries, replaced);
  }
  applied(node: SimulatedNode, entry: LogEntry, result: CommandResult | null): void {
    for (const observer of this.#hooks.onApplied) observer.onApplied?.(node, entry, result);
  }
  diskOperation(node: SimulatedNode, operation: DiskOperation): void {
    for (const observer of this.#hooks.onDiskOperation) observer.onDiskOperation?.(node, operation);
  }
  sent(sender: SimulatedNode, message: SentMessage): void {
    for (const observer of this.#hooks.onSent) observer.onSent?.(sender, message);
  }
  met(node: SimulatedNode, hello: Hello): void {
    for (const observer of this.#hooks.onMet) observer.onMet?.(node, hello);
  }
  lost(node: SimulatedNode, peer: NodeId, reason: string): void {
    for (const observer of this.#hooks.onLost) observer.onLost?.(node, peer, reason);
  }
  unheard(node: SimulatedNode, peer: NodeId): void {
    for (const observer of this.#hooks.onUnheard) observer.onUnheard?.(node, peer);
  }
  fault(node: SimulatedNode, reason: string): void {
    for (const observer of this.#hooks.onFault) observer.onFault?.(node, reason);
  }
  receiving(node: SimulatedNode, from: Hello, message: Uint8Array): void {
    for (const observer of this.#hooks.onReceiving) observer.onReceiving?.(node, from, message);
  }
  received(node: SimulatedNode, from: Hello, message: Uint8Array): void {
    for (const observer of this.#hooks.onReceived) observer.onReceived?.(node, from, message);
  }
  changed(node: SimulatedNode, after: RaftContext, before: RaftContext | null): void {
    for (const observer of this.#hooks.onChanged) observer.onChanged?.(node, after, before);
  }
  event(): void {
    for (const observer of this.#hooks.onEvent) observer.onEvent?.();
  }
}
