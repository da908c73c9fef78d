/** One Raft machine of three, with the others played, to be led through its daily work. */
import type { Clock } from "../../src/actors/clock";
import { defaultLimits } from "../../src/actors/limits";
import { RaftHost } from "../../src/actors/raft-host";
import { emptyLogShape } from "../../src/machines/log-shape";
import { raftMachine } from "../../src/machines/raft/raft.machine";
import type { RaftMessage } from "../../src/messages";
import { diskId, foundedBy, incarnation, logIndex, nodeId, term } from "../../src/types";

const PEERS = [2, 3] as const;
const diskOf = (id: number) => diskId(`disk-${id}`);
const configuration = foundedBy(
  [1, ...PEERS].map((id) => ({
    id: nodeId(id),
    peerAddress: `127.0.0.1:908${id}`,
    diskId: diskOf(id),
  })),
);

/** Timers fire when they are told to. */
class ManualClock implements Clock {
  readonly #timers = new Set<() => void>();
  nowMs = () => 0;
  wallMs = () => 0;
  setTimeout = (callback: () => void): unknown => {
    this.#timers.add(callback);
    return callback;
  };
  clearTimeout = (handle: unknown): void => {
    this.#timers.delete(handle as () => void);
  };
  defer = (callback: () => void): void => callback();

  /** All that are set now. */
  fire(): void {
    for (const callback of [...this.#timers]) {
      if (this.#timers.delete(callback)) callback();
    }
  }
}

export class RaftNode {
  readonly #clock = new ManualClock();
  readonly #host: RaftHost;
  #term = 0;

  constructor() {
    this.#host = new RaftHost({
      clock: this.#clock,
      machine: raftMachine,
      input: {
        id: nodeId(1),
        diskId: diskOf(1),
        peerAddress: null,
        timing: { electionTimeoutMs: 500, heartbeatIntervalMs: 100 },
        window: defaultLimits.window,
        seed: "micro",
        hardState: { term: term(0), votedFor: null },
        log: emptyLogShape,
        configurations: [{ index: logIndex(0), configuration }],
        commitIndex: logIndex(0),
        forgotten: null,
        snapshot: null,
      },
      watch: { raft: () => null, compaction() {}, connection() {}, acceptance() {} },
      carryOut: () => {},
      onConfigurations: () => {},
      onStanding: (after) => {
        this.#term = after.term;
      },
      onFailure: (error) => {
        throw error;
      },
    });
    this.#host.start();
    for (const peer of PEERS) {
      this.#host.step({
        type: "peer.met",
        peer: nodeId(peer),
        incarnation: incarnation(1),
        diskId: diskOf(peer),
        lastLogIndex: logIndex(0),
        lastLogTerm: term(0),
        peerAddress: null,
      });
    }
  }

  /** Has it elected; its log then holds the entry of its term. */
  lead(): this {
    while (this.#host.standing.state !== "preCandidate") this.#clock.fire();
    this.receive(2, { type: "PreVoteReply", term: term(1), granted: true });
    this.#host.step({
      type: "hardState.durable",
      hardState: { term: term(1), votedFor: nodeId(1) },
    });
    this.receive(2, { type: "RequestVoteReply", term: term(1), granted: true });
    if (this.#host.role !== "Leader") throw new Error("it was not elected");
    this.written(1);
    for (const peer of PEERS) this.acknowledge(peer, 1);
    if (!this.#host.isServing) throw new Error("it does not serve");
    return this;
  }

  get commitIndex(): number {
    return this.#host.context.commitIndex;
  }

  propose(commands: readonly Uint8Array[]): void {
    this.#host.step({ type: "client.proposed", commands });
  }

  /** The disk has everything up to `lastIndex`. */
  written(lastIndex: number): void {
    this.#host.step({ type: "log.durable", lastIndex: logIndex(lastIndex), generation: 0 });
  }

  /** A peer has everything up to `lastIndex`. */
  acknowledge(peer: number, lastIndex: number): void {
    this.receive(peer, {
      type: "AppendEntriesReply",
      term: term(this.#term),
      round: 0,
      accepted: true,
      matchIndex: logIndex(lastIndex),
      counts: true,
    });
  }

  receive(peer: number, message: RaftMessage): void {
    this.#host.step({
      type: "received",
      from: nodeId(peer),
      incarnation: incarnation(1),
      diskId: diskOf(peer),
      message,
    });
  }
}
