/**
 * One simulated node: the production node actor, store and projection on a simulated disk, clock
 * and network. It can be booted, killed, paused, cut off from power and wiped; the disk outlives
 * it.
 */

import type { Logger } from "../actors/logger";
import { NodeActor } from "../actors/node.actor";
import type { KvSnapshots } from "../actors/snapshots/kv-snapshots";
import { assert } from "../assert";
import type { IdempotencyLimits } from "../store/idempotency";
import { KvProjection } from "../store/kv-projection";
import { type OpenedStore, openStore } from "../store/open-store";
import { PatientLog } from "../store/patient-log";
import type { Identity, PatientLogStore, Recovered } from "../store/ports";
import {
  type Address,
  type CommandResult,
  diskId,
  indexPlus,
  type LogEntry,
  type NodeId,
} from "../types";
import type { ClusterParts } from "./cluster-parts";
import { SimulatedDisk } from "./disk";
import { type DiskFault, type DiskOperation, ProcessDiedError } from "./disk-faults";
import { DurableHardState } from "./durable-hard-state";
import { Life } from "./life";
import { LogWitness } from "./log-witness";
import { homeOf } from "./network";
import type { LifeEnd } from "./observer";
import type { Seeded } from "./seeded";
import { InvariantViolation } from "./violation";
import { watchTransport } from "./watched-transport";

/** How long a node that was removed stays to say so. Units: ms. */
const FAREWELL_MS = 500;

/** What exists only while the process does. */
export interface Running {
  readonly actor: NodeActor;
  readonly identity: Identity;
  readonly recovered: Recovered;
  readonly projection: KvProjection;
  readonly log: PatientLogStore;
  readonly snapshots: KvSnapshots;
}

export class SimulatedNode {
  readonly disk = new SimulatedDisk();
  /** How wrong its wall clock is. Units: ms. */
  wallOffsetMs = 0;
  /** Asked before each disk operation; may name a fault. */
  diskFault: (operation: DiskOperation) => DiskFault | null = () => null;
  /** Asked before each message it sends; true kills it there. */
  diesBeforeSend: () => boolean = () => false;

  readonly #parts: ClusterParts;
  readonly #random: Seeded;
  #life: Life;
  #running: Running | null = null;
  #witness: LogWitness;
  #hardState: DurableHardState;
  #end: LifeEnd | null = null;
  /** Where it says that it is from its next start on; null where the configuration knows. */
  movedTo: Address | null = null;
  #disks = 0;
  /** Called when the process is gone: whoever waits for an answer hears nothing more. */
  readonly #callers = new Set<() => void>();
  /** Those whose questions still lie in the socket of a paused process. */
  readonly #unheard = new Set<() => void>();

  constructor(
    readonly id: NodeId,
    parts: ClusterParts,
  ) {
    this.#parts = parts;
    this.#random = parts.random.fork(`node-${id}`);
    parts.network.place(id, homeOf(id));
    this.#life = new Life(() => {});
    this.#life.end();
    this.#witness = new LogWitness(this.disk, []);
    this.#hardState = new DurableHardState(this.disk);
    this.disk.onOperation = (operation) => this.#beginOperation(operation);
  }

  /** null while no process runs. */
  get running(): Running | null {
    return this.#running;
  }
  /** How many have asked what the process has not heard. */
  get unheardCallers(): number {
    return this.#unheard.size;
  }
  get isPaused(): boolean {
    return this.#life.isPaused && !this.#life.isOver;
  }
  get life(): Life {
    return this.#life;
  }
  /** Of the present life, or of the last one. */
  get witness(): LogWitness {
    return this.#witness;
  }
  get durableHardState() {
    return this.#hardState.get();
  }
  /** How the last life ended; null while it lasts and before the first. */
  get end(): LifeEnd | null {
    return this.#end;
  }

  /** Starts the process, unless it runs. It may die in the attempt: see `running` and `end`. */
  boot(): void {
    if (!this.#life.isOver) return;
    const life = new Life((error) => this.#finish({ kind: "stopped", reason: error }));
    this.#life = life;
    this.#end = null;
    life.run(() => this.#start(life));
  }

  /** The process dies, the machine lives: what it wrote can be read. */
  kill(): void {
    this.#finish({ kind: "killed" });
  }

  /** The machine dies: what no sync has covered is kept, lost or torn as the seed decides. */
  losePower(): void {
    this.#finish({ kind: "powerLost" });
    this.disk.crash(this.#random.next);
  }

  /** The process dies and its disk is replaced by an empty one. */
  wipe(): void {
    this.#finish({ kind: "wiped" });
    for (const name of this.disk.list()) this.disk.lose(name);
  }

  /** SIGSTOP and SIGCONT: time goes on without the process. */
  pause(): void {
    this.#life.pause();
  }
  resume(): void {
    if (this.isPaused) this.#parts.clock.resume(this.#life);
  }

  /** Asks something of the node; `settle` hears the answer, or that nobody is left to give one. */
  ask<Answer>(
    settle: (end: Answer | "refused" | "lost") => void,
    question: (actor: NodeActor, answer: (end: Answer) => void) => void,
  ): void {
    const { clock } = this.#parts;
    const { actor } = this.#running ?? {};
    if (!actor) {
      settle("refused");
      return;
    }
    const lost = () => settle("lost");
    this.#callers.add(lost);
    if (this.isPaused) this.#unheard.add(lost);
    const arrive = () => {
      this.#unheard.delete(lost);
      question(actor, (end) => {
        if (this.#callers.delete(lost)) settle(end);
      });
    };
    if (this.isPaused) clock.schedule(0, arrive, this.#life);
    else this.#life.run(arrive);
  }

  #start(life: Life): void {
    const { appliedChain, clock, network, observers, options } = this.#parts;
    const ownClock = clock.clockOf(life, () => this.wallOffsetMs);
    const found = this.#open(life);
    const opened = options.wrapOpened?.(found, this) ?? found;
    const { identity, projection, recovered, store } = opened;
    const witness = new LogWitness(this.disk, entriesOf(opened), recovered.base, appliedChain);
    this.#witness = witness;
    const log = witness.watchNode(new PatientLog(witness.watchDisk(store)), (entries, replaced) =>
      observers.appended(this, entries, replaced),
    );
    const snapshots = witness.watchSnapshots(opened.snapshots);
    const port = network.transportOf(this.id, life);
    const transport = watchTransport(port, this, observers);
    const actor = new NodeActor({
      identity,
      recovered,
      log: options.wrapLog?.(log, this) ?? log,
      projection,
      snapshots: options.wrapSnapshots?.(snapshots, this) ?? snapshots,
      compaction: options.compaction,
      transport: options.wrapTransport?.(transport, this) ?? transport,
      clock: ownClock,
      logger: this.#logger(life),
      timing: options.timing,
      limits: options.limits,
      apiAddress: `node-${this.id}:8080`,
      ...(options.machine && { machine: options.machine }),
      ...(options.watch && { watch: options.watch(this, { ...opened, clock: ownClock }) }),
      peerAddress: this.movedTo,
      onFailure: (reason) => this.#finish({ kind: "stopped", reason }),
      onRemoved: () => clock.schedule(FAREWELL_MS, () => this.#finish({ kind: "removed" }), life),
    });
    this.#running = { actor, identity, recovered, projection, log, snapshots };
    observers.booted(this);
    // Synchronous up to the transport's start, whose promise tells nothing here.
    void actor.start();
  }

  #open(life: Life): OpenedStore {
    const { clock, observers, options } = this.#parts;
    const ownClock = clock.clockOf(life, () => 0);
    const files = this.disk.mount(ownClock);
    return openStore(options.wrapFiles?.(files, this) ?? files, {
      nodeId: this.id,
      clusterId: options.clusterId,
      founders: options.founders,
      peerPort: { listen: homeOf(this.id), configured: homeOf(this.id) },
      drawDiskId: () => diskId(`disk-${this.id}-${++this.#disks}`),
      onDurable: (lastIndex, generation) =>
        this.#running?.actor.onLogDurable(lastIndex, generation),
      onFatal: (reason) => this.#finish({ kind: "stopped", reason }),
      limits: options.storeLimits,
      makeProjection: () =>
        new WatchedProjection(options.idempotencyLimits, (entry, result) =>
          observers.applied(this, entry, result),
        ),
    });
  }

  #logger(life: Life): Logger {
    const { options } = this.#parts;
    return (level, message, facts) => {
      if (!life.isOver) options.onLogLine?.(this, level, message, facts ?? {});
    };
  }

  #beginOperation(operation: DiskOperation): DiskFault | null {
    this.#parts.observers.diskOperation(this, operation);
    const fault = this.diskFault(operation);
    if (fault?.kind === "crash") this.losePower();
    return fault;
  }

  /** For the cluster: a message is about to leave. */
  beginSend(): void {
    if (!this.diesBeforeSend()) return;
    this.losePower();
    throw new ProcessDiedError("killed before it could send");
  }

  #finish(end: LifeEnd): void {
    if (this.#life.isOver) return;
    const { clock, network } = this.#parts;
    this.#life.end();
    this.#witness.freeze();
    this.#end = end;
    this.disk.kill();
    this.#tellEnd(end);
    this.#running = null;
    network.onProcessGone(this.id, end.kind === "powerLost" ? "powerLost" : "killed");
    for (const lost of this.#callers) clock.schedule(0, lost);
    this.#callers.clear();
    this.#unheard.clear();
  }

  /** A violation is remembered by the cluster: thrown from here it would end in XState's hands. */
  #tellEnd(end: LifeEnd): void {
    try {
      this.#parts.observers.ended(this, end);
    } catch (error) {
      if (!(error instanceof InvariantViolation)) throw error;
    }
  }
}

class WatchedProjection extends KvProjection {
  constructor(
    limits: IdempotencyLimits,
    private readonly onApplied: (entry: LogEntry, result: CommandResult | null) => void,
  ) {
    super(limits);
  }

  override apply(entry: LogEntry): CommandResult | null {
    const result = super.apply(entry);
    this.onApplied(entry, result);
    return result;
  }
}

function entriesOf({ store }: OpenedStore): readonly LogEntry[] {
  const { baseIndex, lastIndex } = store;
  if (lastIndex === baseIndex) return [];
  const entries = store.read(indexPlus(baseIndex, 1), lastIndex, Number.POSITIVE_INFINITY);
  assert(entries.length === lastIndex - baseIndex, "a log reads back whole");
  return entries;
}
