/** Where clients are served: the whole of the `NodeHandle` that the API may know. */
import { encodeCommand } from "../codec/commands";
import { RequestError, shuttingDown, timedOut } from "../errors";
import { configurationAt, configurationOf } from "../machines/raft/context";
import { encodeSnapshot } from "../store/snapshot-encoder";
import type {
  Address,
  Command,
  CommandResult,
  LogIndex,
  MembershipChange,
  NodeId,
  SnapshotInfo,
} from "../types";
import { logIndex, membersOf } from "../types";
import { logPage, nodeMetrics } from "./node-facts";
import type {
  Backup,
  ChangeAnswer,
  ClusterStatus,
  ListAnswer,
  ListOptions,
  LogPage,
  Members,
  Metric,
  NodeHandle,
  NodeVitals,
  ReadContext,
  ReadOptions,
} from "./node-handle";
import type { NodeParts, NodeSettings } from "./node-parts";
import type { Settle } from "./waiting-room";

export class ClientDesk implements NodeHandle {
  readonly #options: NodeSettings;
  readonly #parts: NodeParts;
  #isLeaving = false;
  #isStopping = false;

  constructor(options: NodeSettings, parts: NodeParts) {
    this.#options = options;
    this.#parts = parts;
  }

  get leaving(): boolean {
    return this.#isLeaving;
  }
  get stopping(): boolean {
    return this.#isStopping;
  }

  /** Serves on, and lets clients know that it will not for long. */
  leave(): void {
    this.#isLeaving = true;
  }

  /** Takes nothing new, and settles all that waits. */
  close(): void {
    this.#isLeaving = true;
    this.#isStopping = true;
    this.#parts.proposals.stop();
    this.#parts.reads.stop();
    this.#parts.changes.stop();
    this.#parts.transfers.stop();
    this.#parts.membership.stop();
    this.#parts.requests.stop();
    this.#parts.applier.stop();
    this.#parts.installer.stop();
    this.#parts.compaction.stop();
  }

  vitals(): NodeVitals {
    const { leaderId, term } = this.#parts.host.standing;
    return {
      id: this.#options.identity.nodeId,
      leaderId,
      leaderApiAddress: leaderId === null ? null : this.#parts.view.apiAddressOf(leaderId),
      term,
      revision: this.#options.projection.revision,
    };
  }

  propose(command: Command, timeoutMs: number): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      this.submit(command, timeoutMs, (end) =>
        end instanceof RequestError ? reject(end) : resolve(end),
      );
    });
  }

  /** `propose` without a promise: for those whose time is not the machine's. */
  submit(command: Command, timeoutMs: number, settle: Settle<CommandResult>): void {
    this.#parts.proposals.submit({
      command: encodeCommand(command),
      isKeyed: command.idempotencyKey !== null,
      isForwarded: false,
      timeoutMs,
      settle,
    });
  }

  get hasRoom(): boolean {
    return this.#parts.proposals.hasRoom;
  }

  awaitRoom(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#parts.proposals.awaitRoom(timeoutMs, (refusal) =>
        refusal === null ? resolve() : reject(refusal),
      );
    });
  }

  /** Calls back once this node's copy is as new as the request. */
  whenReadable(timeoutMs: number, settle: (error: RequestError | null) => void): void {
    this.#parts.reads.submit({
      timeoutMs,
      isForwarded: false,
      settle: (end) => settle(end instanceof RequestError ? end : null),
    });
  }

  /** How old this node's copy is at most, in ms; null where nobody knows. */
  stalenessMs(): number | null {
    return this.#parts.rounds.stalenessMs(this.#parts.applier.appliedIndex);
  }

  get(key: string, options: ReadOptions): ReturnType<NodeHandle["get"]> {
    const { projection } = this.#options;
    return this.#read(options, () => ({ item: projection.get(key) ?? null }));
  }

  list({ prefix, after, limit, bytesMax, ...options }: ListOptions): Promise<ListAnswer> {
    const { projection } = this.#options;
    return this.#read(options, () => projection.list({ prefix, after, limit, bytesMax }));
  }

  log(from: LogIndex | null, limit: number): LogPage {
    const { log, limits } = this.#options;
    const { baseIndex } = this.#parts.host.context.log;
    const lastIndex = this.#parts.applier.appliedIndex;
    return logPage({ log, baseIndex, from, limit, lastIndex, pageBytes: limits.readPageBytes });
  }

  takeSnapshot(timeoutMs: number): Promise<SnapshotInfo> {
    return new Promise((resolve, reject) => {
      this.requestSnapshot(timeoutMs, (end) =>
        end instanceof RequestError ? reject(end) : resolve(end),
      );
    });
  }

  /** `takeSnapshot` without a promise. */
  requestSnapshot(timeoutMs: number, settle: Settle<SnapshotInfo>): void {
    const { clock } = this.#options;
    const { compaction, deadlines } = this.#parts;
    if (this.#isStopping) {
      settle(shuttingDown());
      return;
    }
    const deadline = deadlines.add(clock.nowMs() + timeoutMs, () => {
      deadline.isCancelled = true;
      settle(timedOut("the snapshot is still being taken; it goes on", "unknown"));
    });
    compaction.request((end) => {
      if (deadline.isCancelled) return;
      deadlines.cancel(deadline);
      settle(end);
    });
  }

  async backup(timeoutMs: number): Promise<Backup> {
    const { identity, projection } = this.#options;
    const options = { consistency: "linearizable", timeoutMs } as const;
    await this.#read(options, () => ({}));
    // Nothing else runs between the proof and the cut but what makes the copy newer.
    const cut = projection.cut();
    const configuration = configurationAt(this.#parts.host.context, projection.appliedIndex);
    return {
      revision: projection.revision,
      lastIndex: projection.appliedIndex,
      pieces: encodeSnapshot(cut, { clusterId: identity.clusterId, configuration }),
      release: () => cut.release(),
    };
  }

  status(timeoutMs: number): Promise<ClusterStatus> {
    return this.#parts.view.status(timeoutMs);
  }

  members(timeoutMs: number): Promise<Members> {
    const { configurations, commitIndex } = this.#parts.host.context;
    const latest = configurations.at(-1)?.index ?? logIndex(0);
    const { founders } = this.#options.identity;
    return this.#parts.view.members({
      timeoutMs,
      index: latest,
      isCommitted: latest <= commitIndex,
      founders: founders.voters.map(({ id, peerAddress }) => ({ id, peerAddress })),
    });
  }

  changeMembers(change: MembershipChange, timeoutMs: number): Promise<ChangeAnswer> {
    return new Promise((resolve, reject) => {
      this.requestChange(change, timeoutMs, (end) =>
        end instanceof RequestError ? reject(end) : resolve(end),
      );
    });
  }

  /** `changeMembers` without a promise. */
  requestChange(change: MembershipChange, timeoutMs: number, settle: Settle<ChangeAnswer>): void {
    this.#parts.changes.submit({ change, isForwarded: false, timeoutMs, settle });
  }

  memberSettled(id: NodeId, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => this.#parts.membership.whenSettled(id, timeoutMs, resolve));
  }

  transferLeadership(to: NodeId | null, timeoutMs: number): Promise<NodeId> {
    return new Promise((resolve, reject) => {
      this.requestTransfer(to, timeoutMs, (end) =>
        end instanceof RequestError ? reject(end) : resolve(end),
      );
    });
  }

  /** `transferLeadership` without a promise. */
  requestTransfer(to: NodeId | null, timeoutMs: number, settle: Settle<NodeId>): void {
    this.#parts.transfers.submit({ to, isForwarded: false, timeoutMs, settle });
  }

  unreadiness(): string | null {
    const { applier, host } = this.#parts;
    const committed = this.#options.committedAtStart;
    if (this.#isStopping) return "the node is shutting down";
    if (host.standing.leaderId === null) {
      return `no leader is known: ${this.#parts.describeNoLeader()}`;
    }
    if (applier.appliedIndex >= committed) return null;
    return `${applier.appliedIndex} of ${committed} entries committed before the start are applied`;
  }

  metrics(): readonly Metric[] {
    const { log, projection, transport } = this.#options;
    const { proposals, view } = this.#parts;
    return nodeMetrics({
      report: this.#parts.report(),
      revision: projection.revision,
      keys: projection.size,
      log,
      baseIndex: this.#parts.host.context.log.baseIndex,
      links: transport.links(),
      writesUnderWay: proposals.underWay,
      writesWaiting: proposals.inLine,
      reachable: view.quorum().reachable,
    });
  }

  announcedApiAddresses(): readonly Address[] {
    const members = membersOf(configurationOf(this.#parts.host.context));
    return members.flatMap(({ id }) => this.#parts.view.apiAddressOf(id) ?? []);
  }

  #read<T extends object>(options: ReadOptions, look: () => T): Promise<T & ReadContext> {
    const { projection } = this.#options;
    if (options.consistency === "stale") {
      if (this.#isStopping) return Promise.reject(shuttingDown(null));
      const { revision } = projection;
      return Promise.resolve({ ...look(), revision, stalenessMs: this.stalenessMs() });
    }
    return new Promise((resolve, reject) => {
      this.whenReadable(options.timeoutMs, (error) => {
        if (error !== null) reject(error);
        else resolve({ ...look(), revision: projection.revision, stalenessMs: null });
      });
    });
  }
}
