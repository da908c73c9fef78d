/**
 * The test kit: a whole cluster in one process, on virtual time. Nothing happens between two calls;
 * every call either does something at once or lets time pass.
 */
import type { ChangeAnswer } from "../actors/node-handle";
import type { RequestError } from "../errors";
import {
  type Address,
  type Command,
  type CommandResult,
  type Condition,
  type KeyValue,
  type MembershipChange,
  type NodeId,
  nodeId,
  type SnapshotInfo,
} from "../types";
import { Asked, NobodyAnswersError } from "./asked";
import { type ClusterOptions, SimulatedCluster, simulatedCompaction } from "./cluster";
import type { SimulatedNode } from "./node";

/** How long a request waits by default. Units: ms of virtual time. */
const REQUEST_TIMEOUT_MS = 2000;
/** How long an election may take by default. Units: ms of virtual time. */
const ELECTION_MS_MAX = 10_000;

/** Of one request. */
export interface RequestOptions {
  /** The node that is asked; else the leader, or the first node that runs. */
  readonly on?: NodeRef;
  readonly timeoutMs?: number;
}

export interface WriteOptions extends RequestOptions {
  readonly condition?: Condition;
  readonly idempotencyKey?: string;
}

/** A node, or its number from 1 on. */
export type NodeRef = SimulatedNode | number;

export interface SimulationOptions extends ClusterOptions {
  /** Each node takes a snapshot after so many applied entries, and cuts its log behind the last. */
  readonly snapshotEntries?: number;
}

/** Starts a cluster of `nodes` nodes, to which `seed` decides all that chance decides. */
export function simulate({ snapshotEntries, ...options }: SimulationOptions): Simulation {
  const { compaction = simulatedCompaction } = options;
  const settings = snapshotEntries === undefined ? compaction : { ...compaction, snapshotEntries };
  const simulation = new Simulation(new SimulatedCluster({ ...options, compaction: settings }));
  simulation.cluster.boot();
  return simulation;
}

export class Simulation {
  constructor(readonly cluster: SimulatedCluster) {}

  get nodes(): readonly SimulatedNode[] {
    return this.cluster.nodes;
  }
  /** Virtual time since the start. Units: ms. */
  get nowMs(): number {
    return this.cluster.clock.nowMs;
  }

  node(ref: NodeRef): SimulatedNode {
    return typeof ref === "number" ? this.cluster.node(nodeId(ref)) : ref;
  }

  /** Lets `ms` of virtual time pass. */
  run(ms: number): void {
    this.cluster.run(ms);
  }

  /** Lets time pass until it is so. Errors: when it is not within `ms`. */
  until(isSo: () => boolean, ms: number = ELECTION_MS_MAX): void {
    if (!this.cluster.runUntil(isSo, ms)) throw new Error(`not within ${ms} ms: ${isSo}`);
  }

  /** The leader, as soon as there is one, but none of `except`. Errors: when none is elected. */
  leader({ except = [] }: { readonly except?: readonly NodeRef[] } = {}): SimulatedNode {
    const barred = except.map((ref) => this.node(ref));
    const leaderNow = () => {
      const leader = this.cluster.leader();
      return leader !== null && !barred.includes(leader) ? leader : null;
    };
    this.until(() => leaderNow() !== null);
    const leader = leaderNow();
    if (leader === null) throw new Error("nobody leads");
    return leader;
  }

  /** All nodes but these. */
  others(...refs: readonly NodeRef[]): readonly SimulatedNode[] {
    const given = refs.map((ref) => this.node(ref));
    return this.nodes.filter((node) => !given.includes(node));
  }

  /** Sets a key to a text. */
  set(key: string, text: string, options: WriteOptions = {}): Asked<CommandResult> {
    return this.submit(
      { op: "set", value: { kind: "text", text }, ...written(key, options) },
      options,
    );
  }

  delete(key: string, options: WriteOptions = {}): Asked<CommandResult> {
    return this.submit({ op: "delete", ...written(key, options) }, options);
  }

  submit(command: Command, options: RequestOptions = {}): Asked<CommandResult> {
    const { timeoutMs = REQUEST_TIMEOUT_MS } = options;
    return this.#ask<CommandResult>(options, (node, settle) =>
      node.ask<CommandResult | RequestError>(settle, (actor, answer) =>
        actor.handle.submit(command, timeoutMs, answer),
      ),
    );
  }

  /** A linearizable read; null where the key is absent. */
  get(key: string, options: RequestOptions = {}): Asked<KeyValue | null> {
    const { timeoutMs = REQUEST_TIMEOUT_MS } = options;
    return this.#ask<KeyValue | null>(options, (node, settle) =>
      node.ask<KeyValue | RequestError | null>(settle, (actor, answer) =>
        actor.handle.whenReadable(timeoutMs, (error) =>
          answer(error ?? node.running?.projection.get(key) ?? null),
        ),
      ),
    );
  }

  /** Has a node take a snapshot now; its newest, however it came to be. */
  takeSnapshot(on: NodeRef, timeoutMs: number = REQUEST_TIMEOUT_MS): Asked<SnapshotInfo> {
    return this.#ask<SnapshotInfo>({ on }, (node, settle) =>
      node.ask<SnapshotInfo | RequestError>(settle, (actor, answer) =>
        actor.handle.requestSnapshot(timeoutMs, answer),
      ),
    );
  }

  /** A new node starts, which is no member yet. */
  join(): SimulatedNode {
    const node = this.cluster.addNode();
    this.boot(node);
    return node;
  }

  /** An operator adds a node, as a learner first; one that `stays` is never promoted by itself. */
  addMember(ref: NodeRef, options: RequestOptions & { readonly stays?: boolean } = {}) {
    const { id } = this.node(ref);
    const { stays = false } = options;
    const peerAddress = this.cluster.network.addressOf(id);
    return this.changeMembers({ kind: "add", id, peerAddress, stays }, options);
  }

  /** `force`: even if those who are left and reachable are no majority. */
  removeMember(ref: NodeRef, options: RequestOptions & { readonly force?: boolean } = {}) {
    const { force = false } = options;
    return this.changeMembers({ kind: "remove", id: this.node(ref).id, force }, options);
  }

  /** An operator makes a learner a voter. */
  promote(ref: NodeRef, options: RequestOptions = {}): Asked<ChangeAnswer> {
    return this.changeMembers({ kind: "promote", id: this.node(ref).id }, options);
  }

  /** What an operator may want of the configuration, as `PUT /v1/cluster/members/{id}` does. */
  changeMembers(change: MembershipChange, options: RequestOptions = {}): Asked<ChangeAnswer> {
    const { timeoutMs = REQUEST_TIMEOUT_MS } = options;
    return this.#ask<ChangeAnswer>(options, (node, settle) =>
      node.ask<ChangeAnswer | RequestError>(settle, (actor, answer) =>
        actor.handle.requestChange(change, timeoutMs, answer),
      ),
    );
  }

  /** Has the leader hand over, to the best voter where nobody is named; answers who leads then. */
  transfer(to: NodeRef | null, options: RequestOptions = {}): Asked<NodeId> {
    const { timeoutMs = REQUEST_TIMEOUT_MS } = options;
    const target = to === null ? null : this.node(to).id;
    return this.#ask<NodeId>(options, (node, settle) =>
      node.ask<NodeId | RequestError>(settle, (actor, answer) =>
        actor.handle.requestTransfer(target, timeoutMs, answer),
      ),
    );
  }

  /** The process dies and starts again elsewhere, on its old disk. */
  move(ref: NodeRef, address: Address): void {
    const node = this.node(ref);
    this.kill(node);
    this.cluster.rehouse(node, address);
    this.boot(node);
  }

  /** What a node's own copy holds, however old: the text of a key, or null. */
  textAt(ref: NodeRef, key: string): string | null {
    const value = this.node(ref).running?.projection.get(key)?.value;
    return value?.kind === "text" ? value.text : null;
  }

  /** The process dies; what it wrote can be read. */
  kill(ref: NodeRef): void {
    this.cluster.act(() => this.node(ref).kill());
  }

  /** The machine dies: what no sync has covered is kept, lost or torn as the seed decides. */
  losePower(ref: NodeRef): void {
    this.cluster.act(() => this.node(ref).losePower());
  }

  /** Starts a node, unless it runs. */
  boot(ref: NodeRef): void {
    this.cluster.act(() => this.node(ref).boot());
  }

  /** The process dies and its disk is replaced by an empty one. */
  wipe(ref: NodeRef): void {
    this.cluster.act(() => this.node(ref).wipe());
  }

  /** SIGSTOP, and SIGCONT. */
  pause(ref: NodeRef): void {
    this.cluster.act(() => this.node(ref).pause());
  }
  resume(ref: NodeRef): void {
    this.cluster.act(() => this.node(ref).resume());
  }

  /** Only those in one group reach each other; whoever is in none reaches nobody. */
  partition(...groups: readonly (readonly NodeRef[])[]): void {
    const ids = groups.map((group) => group.map((ref) => this.node(ref).id));
    const alone = this.others(...groups.flat()).map(({ id }) => [id]);
    this.cluster.act(() => this.cluster.network.partition([...ids, ...alone]));
  }

  /** Cuts one node off from all others. */
  isolate(ref: NodeRef): void {
    this.partition(this.others(ref), [ref]);
  }

  /** Nothing arrives any more in this one direction. */
  cut(from: NodeRef, to: NodeRef): void {
    this.cluster.act(() => this.cluster.network.cut(this.node(from).id, this.node(to).id));
  }

  /** Opens every direction again. */
  heal(): void {
    this.cluster.act(() => this.cluster.network.heal());
  }

  /** Whether all that run hold the same state, applied from the same log. */
  get isAgreed(): boolean {
    const states = this.nodes.flatMap(({ running, witness }) =>
      running ? [`${witness.lastIndex} ${running.actor.appliedIndex} ${stateOf(running)}`] : [],
    );
    return new Set(states).size === 1;
  }

  #ask<Answer>(
    { on }: RequestOptions,
    ask: (node: SimulatedNode, settle: (end: Answer | RequestError | string) => void) => void,
  ): Asked<Answer> {
    const node = on === undefined ? this.#anyNode() : this.node(on);
    return new Asked<Answer>(this.cluster, (settle) =>
      this.cluster.act(() => ask(node, (end) => settle(typed(end, node.id)))),
    );
  }

  #anyNode(): SimulatedNode {
    const running = this.nodes.find(({ running }) => running !== null);
    return this.cluster.leader() ?? running ?? this.node(1);
  }
}

const stateOf = ({ projection }: { readonly projection: { readonly stateHash: string } }) =>
  projection.stateHash;

const written = (key: string, { condition, idempotencyKey }: WriteOptions) => ({
  key,
  condition: condition ?? null,
  idempotencyKey: idempotencyKey ?? null,
});

/** Whom no process answers, the network tells so. */
function typed<Answer>(end: Answer | RequestError | string, id: NodeId): Answer | Error {
  if (typeof end === "string") return new NobodyAnswersError(`node ${id}: ${end}`);
  return end;
}
