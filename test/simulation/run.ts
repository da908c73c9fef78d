/** A scenario being carried out, with every invariant looking on. */

import { NODES_MAX, SimulatedCluster } from "../../src/simulation/cluster";
import type { NodeRecipe } from "../../src/simulation/cluster-parts";
import { calmNetwork } from "../../src/simulation/network";
import type { SimulatedNode } from "../../src/simulation/node";
import type { Seeded } from "../../src/simulation/seeded";
import type { StoredFile } from "../../src/simulation/stored-file";
import { type Configuration, membersOf, type NodeId } from "../../src/types";
import { actionKinds } from "./actions";
import { Clients } from "./clients";

import { Fold } from "./fold";
import { Freshness } from "./freshness";
import { Ghost } from "./ghost";
import type { World } from "./invariant";
import { invariants } from "./invariants";
import { limitsOf } from "./limits-of";
import { demandProgress } from "./liveness";
import { LogOrder } from "./log-order";
import { Operators } from "./operators";
import type { Action, Scenario, Target } from "./scenario";
import { WantedChanges } from "./wanted-changes";

/** What answers break that no order explains, or none that was found. */
export const LINEARIZABLE = "linearizability";

export class Run implements World {
  readonly cluster: SimulatedCluster;
  readonly ghost: Ghost;
  readonly fold: Fold;
  readonly freshness: Freshness;
  readonly clients: Clients;
  readonly operators: Operators;
  /** Nodes whose disks have hung: only a restart frees them. */
  readonly stuck = new Set<SimulatedNode>();
  /** How often each kind of action was done. */
  readonly done = new Map<string, number>();
  readonly scenario: Scenario;
  /** Hears of each action just before it is done. */
  onAction: (action: Action) => void = () => {};
  readonly #diskRandom: Seeded;
  readonly #mayStop = new Set<SimulatedNode>();
  /** Their disks have lost what nobody brings back. */
  readonly #isBeyondMending = new Set<SimulatedNode>();
  /** By node: snapshots in which a bit has flipped, and the names they had. */
  readonly #rotten = new Map<SimulatedNode, Map<StoredFile, string>>();
  /** Called once, with whoever is elected next. */
  #whenElected: ((leader: SimulatedNode) => void)[] = [];
  /** Set when the liveness phase begins: faults that would begin now do not. */
  #isCalm = false;

  constructor(scenario: Scenario, recipe: Partial<NodeRecipe> = {}) {
    const { seed, setup } = scenario;
    this.scenario = scenario;
    this.cluster = new SimulatedCluster({
      seed,
      nodes: setup.nodes,
      streams: setup.streams,
      timing: setup.timing,
      ...limitsOf(setup),
      ...recipe,
    });
    this.#diskRandom = this.cluster.random.fork("disks");
    this.ghost = new Ghost(this.cluster);
    this.cluster.observe(this.ghost.observer);
    this.fold = new Fold(this.cluster.recipe);
    this.cluster.observe(this.fold.observer);
    this.freshness = new Freshness(this.cluster, this.ghost);
    this.cluster.observe(this.freshness.observer);
    for (const { name, watch } of invariants) {
      this.cluster.observe(watch(this, (detail) => this.cluster.violate(name, detail)));
    }
    this.cluster.observe({
      onChanged: (node, after, before) => {
        if (after.leadership !== null && !before?.leadership) this.#tellElected(node);
      },
    });
    const order = new LogOrder(this.cluster.recipe.idempotencyLimits, (detail) =>
      this.cluster.violate("I14 I15 order of the log", detail),
    );
    this.cluster.observe(order.observer);
    this.clients = new Clients(this, order);
    this.operators = new Operators(this);
    this.cluster.observe(this.operators.observer);
    if (setup.churn) this.cluster.observe(new WantedChanges(this).observer);
    this.cluster.network.faults = setup.network;
    for (const node of this.cluster.nodes) this.useOwnDisk(node);
  }

  /**
   * The whole scenario, then the liveness phase, then the judgement over what clients were told.
   * Errors: `InvariantViolation`.
   */
  carryOut(): void {
    const { actions, durationMs } = this.scenario;
    for (const action of actions) {
      this.cluster.clock.schedule(action.atMs, () => this.#perform(action));
    }
    this.cluster.boot();
    this.cluster.run(durationMs);
    this.#isCalm = true;
    demandProgress(this);
    this.#judge();
  }

  /** Wing and Gong's search knows nothing of the log: it believes the clients alone. */
  #judge(): void {
    const verdict = this.clients.judge();
    if (verdict.kind === "linearizable") return;
    const told = verdict.kind === "violation" ? verdict.explanation : "the search ran out of steps";
    this.cluster.violate(LINEARIZABLE, told);
  }

  /** Does something `ms` from now, to end what began now; in the liveness phase never. */
  later(ms: number, undo: () => void): void {
    this.cluster.clock.schedule(ms, () => {
      if (!this.#isCalm) undo();
    });
  }

  /** Does something to whoever is elected next; in the liveness phase never. */
  whenElected(act: (leader: SimulatedNode) => void): void {
    this.#whenElected.push(act);
  }

  #tellElected(leader: SimulatedNode): void {
    for (const act of this.#whenElected.splice(0)) if (!this.#isCalm) act(leader);
  }

  /** From now on its disk takes as long over a sync as this scenario's disks do. */
  useOwnDisk(node: SimulatedNode): void {
    const { syncMsMean } = this.scenario.setup;
    node.disk.syncDelayMs = () => this.#diskRandom.exponential(syncMsMean);
  }

  /** Cuts a stuck node off from power, so that it can start again. */
  pullPlug(node: SimulatedNode): void {
    if (this.stuck.delete(node) && node.running) node.losePower();
  }

  /** Numbers beyond the last node begin with the first again. */
  target(target: Target): SimulatedNode {
    const { nodes } = this.cluster;
    const node = target === "leader" ? this.cluster.leader() : nodes[(target - 1) % nodes.length];
    return node ?? this.cluster.first;
  }

  /** The last committed one. */
  get configuration(): Configuration {
    return this.ghost.configuration ?? this.cluster.recipe.founders;
  }

  /** One more node, which has not started; null where there is no room for any. */
  recruit(): SimulatedNode | null {
    if (this.cluster.nodes.length >= NODES_MAX) return null;
    const node = this.cluster.addNode();
    this.useOwnDisk(node);
    return node;
  }

  /** Those who are no members, and may still become some. */
  outsiders(): readonly SimulatedNode[] {
    const { configuration } = this;
    const known = [...membersOf(configuration), ...configuration.removed];
    return this.cluster.nodes.filter((node) => !known.some(({ id }) => id === node.id));
  }

  /** From now on it may refuse to go on, for a typed reason. */
  allowStop(node: SimulatedNode): void {
    this.#mayStop.add(node);
  }

  /**
   * Whether one more disk may lose what it held: then nothing it held before is held against it. A
   * cluster bears the loss of a minority of its disks, no more; whoever is no voter may become one,
   * and a majority of blank founders would found a cluster anew, whoever has come after them. One
   * that lost only the tail of its log learns it again from the others; any other may be lost for
   * good, and stops then.
   */
  allowForgetting(node: SimulatedNode, what: "tail" | "anything"): boolean {
    const { forgetful } = this.ghost;
    const { removed, voters } = this.configuration;
    const founders = this.cluster.recipe.founders.voters;
    const isAmong = (members: readonly { readonly id: NodeId }[], id: NodeId) =>
      members.some((member) => member.id === id);
    const after = [...new Set([...forgetful, node.id])];
    const weak = after.filter((id) => !isAmong(removed, id)).length;
    const weakFounders = after.filter((id) => isAmong(founders, id)).length;
    const isBearable = weak <= minority(voters) && weakFounders <= minority(founders);
    if (!forgetful.has(node.id) && !isBearable) return false;
    forgetful.add(node.id);
    if (what === "anything") {
      this.#mayStop.add(node);
      this.#isBeyondMending.add(node);
    }
    return true;
  }

  /**
   * Whether its disk may come back blank. "A candidate must contact a majority of the cluster in
   * order to be elected, which means that every committed entry must be present in at least one of
   * those servers" (Raft §5.4.1), unless one of them has forgotten it. Whose log binds a founder's
   * disk does not count another in its place; whose does not, a blank one's above all, takes it for
   * one of its own kind. By what it was founded with any majority of founders may elect, whoever
   * has come or gone since: so those who cannot tell must be a minority.
   */
  allowWipe(node: SimulatedNode): boolean {
    const founders = this.cluster.recipe.founders.voters.map(({ id }) => this.cluster.node(id));
    const canTell = (founder: SimulatedNode) => {
      const known = this.ghost.configurationOn(founder);
      const ever = known === null ? [] : [...membersOf(known), ...known.removed];
      return ever.some(({ diskId, id }) => id === node.id && diskId !== null);
    };
    const deceived = founders.filter(
      (founder) => founder === node || this.#isBeyondMending.has(founder) || !canTell(founder),
    );
    const isNoticed = !founders.includes(node) || deceived.length <= minority(founders);
    return isNoticed && this.allowForgetting(node, "anything");
  }

  /** Flips a bit in one of its snapshots; only while it is down. */
  rot(node: SimulatedNode, name: string, at: { readonly offset: number; readonly bit: number }) {
    node.disk.flipBit(name, at.offset, at.bit);
    const rotten = this.#rotten.get(node) ?? new Map<StoredFile, string>();
    this.#rotten.set(node, rotten.set(node.disk.file(name), name));
  }

  readonly rottenOf = (node: SimulatedNode, after: "a kill" | "a power loss" = "a kill") => {
    const { disk } = node;
    const fileCalled = (name: string) => {
      if (after === "a power loss") return disk.durableFile(name);
      return disk.has(name) ? disk.file(name) : null;
    };
    const rotten = [...(this.#rotten.get(node) ?? [])];
    const stands = rotten.filter(([file, name]) => (fileCalled(name) ?? file) === file);
    return new Set(stands.map(([, name]) => name));
  };

  readonly mayStop = (node: SimulatedNode): boolean => this.#mayStop.has(node);
  readonly mayForget = (node: SimulatedNode): boolean => this.ghost.forgetful.has(node.id);
  /** Whether it has lost the tail of its log and nothing else. */
  readonly mustCatchUp = (node: SimulatedNode): boolean =>
    this.mayForget(node) && !this.#isBeyondMending.has(node);

  /** The network as good as it gets, all directions open. */
  calm(): void {
    this.cluster.network.heal();
    this.cluster.network.faults = calmNetwork;
  }

  #perform(action: Action): void {
    const { id, kind, params } = action;
    const found = actionKinds.find(({ name }) => name === kind);
    if (!found) throw new Error(`no action is called ${kind}`);
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
    this.onAction(action);
    found.perform(this, params, id);
  }
}

const minority = ({ length }: readonly unknown[]): number => Math.floor((length - 1) / 2);
