/** What a node is made of, and how the parts are put together. */
import type { FatalError, StartupError } from "../errors";
import { configurationAt, configurationOf } from "../machines/raft/context";
import { raftMachine } from "../machines/raft/raft.machine";
import type { RaftEffect, RaftTiming } from "../machines/raft/vocabulary";
import type { NodeReport } from "../messages";
import type { KvProjection } from "../store/kv-projection";
import type { Identity, PatientLogStore, Recovered } from "../store/ports";
import { type Address, isSameSnapshot, type LogIndex, type NodeId } from "../types";
import { Applier } from "./applier";
import type { Clock } from "./clock";
import { ClusterView } from "./cluster-view";
import { Deadlines } from "./deadlines";
import { DiskKeeper } from "./disk-keeper";
import { EffectRunner } from "./effect-runner";
import { Gate } from "./gate";
import { Inbox } from "./inbox";
import type { NodeLimits } from "./limits";
import type { Logger } from "./logger";
import { Outbox } from "./outbox";
import { PeerRequests } from "./peer-requests";
import { Proposals } from "./proposals";
import { RaftHost, type RaftHostOptions } from "./raft-host";
import { Reads } from "./reads";
import { RoundClock } from "./round-clock";
import { Compaction, type CompactionSettings } from "./snapshots/compaction";
import type { KvSnapshots } from "./snapshots/kv-snapshots";
import { SnapshotInstaller } from "./snapshots/snapshot-installer";
import type { Transport } from "./transport";

/** Everything a node needs; the composition root, or a simulator, brings it. */
export interface NodeOptions {
  readonly identity: Identity;
  readonly recovered: Recovered;
  readonly log: PatientLogStore;
  /** As recovered: the state of the newest snapshot, or empty. */
  readonly projection: KvProjection;
  readonly snapshots: KvSnapshots;
  readonly compaction: CompactionSettings;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: RaftTiming;
  readonly limits: NodeLimits;
  readonly apiAddress: Address;
  /** The protocol's chart, unless a test provides other rules by name. */
  readonly machine?: typeof raftMachine;
  /** The node cannot go on; it has stopped talking. */
  onFailure(error: FatalError | StartupError): void;
}

/** What a node keeps of its options: not the summaries of its log, one for every entry. */
export interface NodeSettings extends Omit<NodeOptions, "recovered"> {
  /** The commit index as recovered. */
  readonly committedAtStart: LogIndex;
}

type HostParts = Pick<RaftHostOptions, "input" | "onStanding" | "onFailure">;

export class NodeParts {
  readonly deadlines: Deadlines;
  readonly rounds: RoundClock;
  readonly requests: PeerRequests;
  readonly applier: Applier;
  readonly view: ClusterView;
  readonly diskKeeper: DiskKeeper;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly compaction: Compaction;
  readonly installer: SnapshotInstaller;
  readonly host: RaftHost;
  readonly gate: Gate;
  readonly inbox: Inbox;
  readonly #options: NodeSettings;
  readonly #runner: EffectRunner;

  constructor(options: NodeSettings, hostParts: HostParts) {
    this.#options = options;
    const { apiAddress, clock, identity, transport } = options;
    this.deadlines = new Deadlines(clock);
    this.rounds = new RoundClock(clock);
    const { deadlines } = this;
    this.requests = new PeerRequests(identity.incarnation, { transport, clock, deadlines });
    this.applier = this.#makeApplier();
    this.view = this.#makeView();
    this.diskKeeper = new DiskKeeper({ ...options, view: this.view });
    this.proposals = this.#makeProposals();
    this.reads = this.#makeReads();
    this.compaction = this.#makeCompaction();
    this.installer = this.#makeInstaller();
    this.#runner = this.#makeRunner();
    this.host = this.#makeHost(hostParts);
    this.gate = new Gate(identity, apiAddress, () => this.host.context);
    this.inbox = new Inbox({ ...options, ...this, ownReport: () => this.report() });
  }

  /** Where a client's wish must go now: here, to another node, or nowhere yet. */
  route(): "here" | NodeId | null {
    if (this.host.role === "Leader") return this.host.isServing ? "here" : null;
    return this.host.standing.leaderId;
  }

  /** How many voters are needed and reachable, in words. */
  describeNoLeader(): string {
    const { needed, reachable } = this.view.quorum();
    return `${needed} voters needed, ${reachable} reachable`;
  }

  report(): NodeReport {
    const { commitIndex, currentTerm, log, receiving, snapshot } = this.host.context;
    return {
      role: this.host.role,
      term: currentTerm,
      commitIndex,
      appliedIndex: this.applier.appliedIndex,
      lastLogIndex: log.lastIndex,
      snapshotIndex: snapshot?.lastIndex ?? null,
      installing: receiving && {
        snapshotIndex: receiving.snapshot.lastIndex,
        receivedBytes: receiving.receivedBytes,
        totalBytes: receiving.snapshot.byteLength,
      },
    };
  }

  #makeApplier(): Applier {
    return new Applier({
      ...this.#options,
      onApplied: (entry, result) => {
        if (result) this.proposals.onApplied(entry.index, entry.term, result);
      },
      onAdvanced: (appliedIndex) => {
        this.reads.onApplied(appliedIndex);
        this.compaction.onApplied(appliedIndex);
      },
    });
  }

  #makeCompaction(): Compaction {
    const { identity, compaction: settings, snapshots } = this.#options;
    const { voters } = identity.founders;
    const rank = voters.findIndex(({ id }) => id === identity.nodeId);
    // What is on its way to a peer is not removed under it.
    snapshots.isNeeded = (info) =>
      [...(this.host.context.leadership?.sending.values() ?? [])].some((sent) =>
        isSameSnapshot(sent, info),
      );
    return new Compaction({
      ...this.#options,
      settings,
      phase: { rank, of: voters.length },
      configurationAt: (index) => configurationAt(this.host.context, index),
      onPublished: (snapshot, baseIndex) =>
        this.host.step({ type: "snapshot.published", snapshot, baseIndex }),
    });
  }

  #makeInstaller(): SnapshotInstaller {
    return new SnapshotInstaller({
      ...this.#options,
      step: (event) => this.host.step(event),
      onInstalled: (info, { state }) => {
        this.#runner.noteTime(state.lastTimeMs);
        // Before anything seems to have been applied since the last snapshot.
        this.compaction.onInstalled(info);
        this.applier.adopt(state);
        this.proposals.onInstalled(info.lastIndex);
      },
    });
  }

  #makeView(): ClusterView {
    const { apiAddress, clock, identity, limits, log, timing } = this.#options;
    return new ClusterView({
      id: identity.nodeId,
      clusterId: identity.clusterId,
      apiAddress,
      electionTimeoutMs: timing.electionTimeoutMs,
      clock,
      limits,
      requests: this.requests,
      configuration: () => configurationOf(this.host.context),
      leaderId: () => this.host.standing.leaderId,
      ownReport: () => this.report(),
      ownHasRoom: () => log.hasRoom,
    });
  }

  #makeProposals(): Proposals {
    return new Proposals({
      ...this.#waiting(),
      offer: (commands) => this.host.step({ type: "client.proposed", commands }),
      refuse: (command) => this.diskKeeper.refuse(command),
      isDiskBusy: () => this.#options.log.durableIndex < this.#options.log.lastIndex,
    });
  }

  #makeReads(): Reads {
    return new Reads({
      ...this.#waiting(),
      appliedIndex: () => this.applier.appliedIndex,
      requestReadIndex: (read) => this.host.step({ type: "client.readRequested", read }),
    });
  }

  /** What writes and reads need alike while they wait for a leader. */
  #waiting() {
    const { clock, limits } = this.#options;
    return {
      clock,
      limits,
      deadlines: this.deadlines,
      requests: this.requests,
      route: () => this.route(),
      describeNoLeader: () => this.describeNoLeader(),
    };
  }

  #makeRunner(): EffectRunner {
    const { limits, log, projection, transport } = this.#options;
    const { baseIndex, lastIndex } = log;
    const last = lastIndex > baseIndex ? log.read(lastIndex, lastIndex, 1)[0] : undefined;
    return new EffectRunner({
      ...this.#options,
      ...this,
      lastTimeMs: last?.timeMs ?? projection.lastTimeMs,
      outbox: new Outbox(transport, limits),
      context: () => this.host.context,
      onHardStateDurable: (hardState) => this.host.step({ type: "hardState.durable", hardState }),
    });
  }

  #makeHost(parts: HostParts): RaftHost {
    const { clock, machine = raftMachine } = this.#options;
    const carryOut = (effect: RaftEffect) => this.#runner.carryOut(effect);
    return new RaftHost({ ...parts, clock, machine, carryOut });
  }
}
