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
import type { MachineWatch } from "./machine-watch";
import { MemberChanges } from "./member-changes";
import { Membership } from "./membership";
import { nodeReport } from "./node-facts";
import { Outbox } from "./outbox";
import { quorumAmong, type Reach, reachOf, tooFew } from "./peer-reach";
import { PeerRequests } from "./peer-requests";
import { Proposals } from "./proposals";
import { RaftHost, type RaftHostOptions } from "./raft-host";
import { Reads } from "./reads";
import { RoundClock } from "./round-clock";
import { Compaction, type CompactionSettings } from "./snapshots/compaction";
import type { KvSnapshots } from "./snapshots/kv-snapshots";
import { SnapshotInstaller } from "./snapshots/snapshot-installer";
import { Transfers } from "./transfers";
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
  /** Where the others are to find it; null where the configuration knows. */
  readonly peerAddress: Address | null;
  /** The protocol's chart, unless a test provides other rules by name. */
  readonly machine?: typeof raftMachine;
  /** Who watches the machines; nobody unless told. */
  readonly watch?: MachineWatch;
  /** The node cannot go on; it has stopped talking. */
  onFailure(error: FatalError | StartupError): void;
  /** The cluster goes on without this node; `line` is for people. */
  onRemoved(line: string): void;
}

/** What a node keeps of its options: not the summaries of its log, one for every entry. */
export interface NodeSettings extends Omit<NodeOptions, "recovered"> {
  readonly watch: MachineWatch;
  /** The commit index as recovered. */
  readonly committedAtStart: LogIndex;
  /** What the recovered log holds behind the newest snapshot. Units: bytes. */
  readonly recoveredLogBytes: number;
}

interface HostParts extends Pick<RaftHostOptions, "input" | "onStanding" | "onFailure"> {
  onRemoved(): void;
}

export class NodeParts {
  readonly deadlines: Deadlines;
  readonly rounds: RoundClock;
  readonly requests: PeerRequests;
  readonly applier: Applier;
  readonly view: ClusterView;
  readonly diskKeeper: DiskKeeper;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly changes: MemberChanges;
  readonly transfers: Transfers;
  readonly membership: Membership;
  readonly compaction: Compaction;
  readonly installer: SnapshotInstaller;
  readonly host: RaftHost;
  readonly gate: Gate;
  readonly inbox: Inbox;
  readonly startedMs: number;
  readonly #options: NodeSettings;
  readonly #runner: EffectRunner;

  constructor(options: NodeSettings, hostParts: HostParts) {
    this.#options = options;
    const { clock, identity, transport } = options;
    this.startedMs = clock.nowMs();
    this.deadlines = new Deadlines(clock);
    this.rounds = new RoundClock(clock);
    const { deadlines } = this;
    this.requests = new PeerRequests(identity.incarnation, { transport, clock, deadlines });
    this.applier = this.#makeApplier();
    this.view = this.#makeView();
    this.diskKeeper = new DiskKeeper({ ...options, host: () => this.host });
    this.proposals = this.#makeProposals();
    this.reads = this.#makeReads();
    this.changes = this.#makeChanges();
    this.transfers = this.#makeTransfers();
    this.membership = this.#makeMembership(hostParts);
    this.compaction = this.#makeCompaction();
    this.installer = this.#makeInstaller();
    this.#runner = this.#makeRunner();
    this.host = this.#makeHost(hostParts);
    this.gate = new Gate(identity, options, () => this.host.context);
    this.inbox = new Inbox({ ...options, ...this, ownReport: () => this.report() });
  }

  /** Where a client's wish must go now: here, to another node, or nowhere yet. */
  route(): "here" | NodeId | null {
    if (this.host.role === "Leader") return this.host.isServing ? "here" : null;
    return this.host.standing.leaderId;
  }

  /** How many voters are needed and reachable, in words. */
  describeNoLeader(): string {
    const peers = this.peers();
    const { clock } = this.#options;
    return tooFew(peers, quorumAmong(peers, this.host.context), clock.nowMs() - this.startedMs);
  }

  /** How the other members are reached. */
  peers(): readonly Reach[] {
    return reachOf(this, this.#options);
  }

  report(): NodeReport {
    return nodeReport(this.host, this.applier.appliedIndex);
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
    const place = voters.findIndex(({ id }) => id === identity.nodeId);
    // One that came later takes a turn among the founders.
    const rank = place >= 0 ? place : identity.nodeId % voters.length;
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
        this.compaction.onInstalled(info, state);
        this.applier.adopt(state);
        this.proposals.onInstalled(info.lastIndex);
      },
    });
  }

  #makeView(): ClusterView {
    const { apiAddress, clock, identity, limits, timing } = this.#options;
    return new ClusterView({
      id: identity.nodeId,
      clusterId: identity.clusterId,
      apiAddress,
      peerAddress: identity.configured,
      electionTimeoutMs: timing.electionTimeoutMs,
      clock,
      limits,
      requests: this.requests,
      configuration: () => configurationOf(this.host.context),
      leaderId: () => this.host.standing.leaderId,
      ownReport: () => this.report(),
    });
  }

  #makeProposals(): Proposals {
    return new Proposals({
      ...this.#waiting(),
      offer: (commands) => this.host.step({ type: "client.proposed", commands }),
      refuse: (command) => this.diskKeeper.refuse(command),
      isBatchUnderWay: () => this.host.context.commitIndex < this.host.context.log.lastIndex,
    });
  }

  #makeReads(): Reads {
    return new Reads({
      ...this.#waiting(),
      appliedIndex: () => this.applier.appliedIndex,
      requestReadIndex: (read) => this.host.step({ type: "client.readRequested", read }),
    });
  }

  #makeChanges(): MemberChanges {
    return new MemberChanges({
      ...this.#waiting(),
      offer: (request, change) => {
        const reachable = this.view.reachable();
        this.host.step({ type: "member.changeRequested", request, change, reachable });
      },
      hasQuorum: () => {
        const { needed, reachable } = this.view.quorum();
        return reachable >= needed;
      },
    });
  }

  #makeTransfers(): Transfers {
    const { identity, timing } = this.#options;
    return new Transfers({
      ...this.#waiting(),
      id: identity.nodeId,
      electionTimeoutMs: timing.electionTimeoutMs,
      configuration: () => configurationOf(this.host.context),
      begin: (to) => {
        this.host.step({ type: "transfer.requested", to });
        return !this.host.isServing;
      },
    });
  }

  #makeMembership({ onRemoved }: HostParts): Membership {
    const { clock, identity, transport } = this.#options;
    return new Membership({
      id: identity.nodeId,
      clock,
      deadlines: this.deadlines,
      transport,
      context: () => this.host.context,
      configuration: () => configurationOf(this.host.context),
      onRemoved,
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
    const { clock, machine = raftMachine, watch } = this.#options;
    const carryOut = (effect: RaftEffect) => this.#runner.carryOut(effect);
    const onConfigurations = () => this.membership.onChanged();
    return new RaftHost({ ...parts, clock, machine, watch, carryOut, onConfigurations });
  }
}
