/**
 * One node: the Raft chart and everything it needs to live. Events come in from links, disk, timers
 * and clients; effects go out. Nobody else touches the chart.
 */
import { type FatalError, StartupError } from "../errors";
import type { Hello, Refusal } from "../messages";
import type { LogIndex, NodeId } from "../types";
import { ClientDesk } from "./client-desk";
import { unwatched } from "./machine-watch";
import { type NodeOptions, NodeParts, type NodeSettings } from "./node-parts";
import type { RaftHost, Standing } from "./raft-host";
import { raftInput } from "./raft-input";
import { type Situation, situationOf } from "./situation";
import { bytesBehindSnapshot } from "./snapshots/compaction";
import { tellStanding } from "./story";

export class NodeActor {
  readonly #options: NodeSettings;
  readonly #parts: NodeParts;
  readonly #desk: ClientDesk;
  /** Peers found and not lost since, for the log. */
  readonly #inTouch = new Set<NodeId>();
  #onOfficeGone: () => void = () => {};
  #hasLeft = false;

  constructor({ recovered, watch = unwatched, ...options }: NodeOptions) {
    this.#options = {
      ...options,
      watch,
      committedAtStart: recovered.commitIndex,
      recoveredLogBytes: bytesBehindSnapshot(recovered),
    };
    this.#parts = new NodeParts(this.#options, {
      input: raftInput({ ...options, recovered }),
      onStanding: (after, before, cause) => this.#onStanding(after, before, cause),
      onFailure: (error) => this.#fail(error),
      onRemoved: () => this.#leave("its removal is committed"),
    });
    this.#desk = new ClientDesk(this.#options, this.#parts);
  }

  /** For the API, which knows it as a `NodeHandle`. */
  get handle(): ClientDesk {
    return this.#desk;
  }
  /** For those who watch the chart. */
  get raft(): RaftHost {
    return this.#parts.host;
  }
  get appliedIndex(): LogIndex {
    return this.#parts.applier.appliedIndex;
  }

  /** All that can be said of the node now; some microseconds' work. */
  situation(): Situation {
    return situationOf(this.#options, this.#parts, {
      unreadiness: this.#desk.unreadiness(),
      isLeaving: this.#desk.leaving,
      isStopping: this.#desk.stopping,
    });
  }

  /** Takes part, listens and dials; done when it listens. Errors: `StartupError`. */
  start(): Promise<void> {
    const { applier, compaction, diskKeeper, gate, host, inbox, membership } = this.#parts;
    compaction.start();
    host.start();
    diskKeeper.start();
    applier.applyThrough(this.#options.committedAtStart);
    const started = this.#options.transport.start({
      hello: () => gate.hello(),
      judge: (hello) => gate.judge(hello),
      onMet: (hello) => this.#onMet(hello),
      onLost: (peer, reason) => this.#onLost(peer, reason),
      onUnheard: (peer) => this.#onUnheard(peer),
      onRefused: (peer, refusal) => this.#onRefused(peer, refusal),
      onFault: (address, fault) =>
        this.#options.logger("warn", "a link failed", { address, fault }),
      onMessage: (from, bytes) => inbox.onMessage(from, bytes),
    });
    membership.start();
    return started;
  }

  /** The log store reports: what `generation` wrote up to `lastIndex` is on disk. */
  onLogDurable(lastIndex: LogIndex, generation: number): void {
    this.#parts.host.step({ type: "log.durable", lastIndex, generation });
    this.#parts.compaction.onLogDurable();
  }

  /** The log store reports that a data sync has begun; what comes back, that it has ended. */
  onLogSyncing(): () => void {
    return this.#parts.diskKeeper.syncs.began();
  }

  /**
   * Hands over the office this node may hold, serving on meanwhile; comes back when another leads
   * or time is up.
   */
  handOver(): Promise<void> {
    this.#desk.leave();
    const { clock, limits } = this.#options;
    if (this.#parts.host.role !== "Leader") return Promise.resolve();
    this.#parts.host.step({ type: "transfer.requested", to: null });
    // Nobody to hand it to.
    if (this.#parts.host.isServing) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, limits.handOverTimeoutMs);
      this.#onOfficeGone = () => {
        clock.clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Settles every caller, then closes links and store. */
  async stop(): Promise<void> {
    const { deadlines, host, diskKeeper } = this.#parts;
    if (this.#desk.stopping) return;
    this.#desk.close();
    diskKeeper.stop();
    host.stop();
    deadlines.stop();
    await this.#options.transport.stop();
    await new Promise<void>((resolve) => this.#options.log.close(resolve));
  }

  #onStanding(after: Standing, before: Standing, cause: string): void {
    const noLeader = this.#parts.describeNoLeader();
    tellStanding(this.#options.logger, { after, before, cause, noLeader });
    const isLedByAnother = after.leaderId !== null && after.state !== "leader";
    this.#parts.transfers.onRouteChanged(isLedByAnother ? after.leaderId : null);
    this.#onRouteChanged();
    if (isLedByAnother) this.#onOfficeGone();
  }

  #onMet(hello: Hello): void {
    const { diskId, incarnation, lastLogIndex, lastLogTerm, nodeId: peer, peerAddress } = hello;
    const { host, membership, view } = this.#parts;
    view.onMet(hello);
    membership.onMet(hello);
    if (!this.#inTouch.has(peer)) this.#options.logger("info", `found node ${peer}`);
    this.#inTouch.add(peer);
    const met = { diskId, incarnation, lastLogIndex, lastLogTerm, peerAddress };
    host.step({ type: "peer.met", peer, ...met });
    this.#onRouteChanged();
  }

  #onRouteChanged(): void {
    this.#parts.proposals.onRouteChanged();
    this.#parts.reads.onRouteChanged();
    this.#parts.changes.onRouteChanged();
  }

  #onUnheard(peer: NodeId): void {
    this.#parts.requests.onLinkLost(peer);
    this.#parts.membership.onUnheard(peer);
  }

  #onLost(peer: NodeId, reason: string): void {
    this.#options.logger("warn", `lost node ${peer}`, { reason });
    this.#inTouch.delete(peer);
    this.#parts.requests.onLinkLost(peer);
    this.#parts.host.step({ type: "peer.lost", peer });
  }

  /** Whoever is turned away for good ends, with the one line that says so. */
  #onRefused(peer: NodeId, { code, detail }: Refusal): void {
    if (code === "removed") this.#leaveUnlessLed(peer);
    else if (code === "wiped") this.#fail(this.#wipedBy(peer));
    else this.#options.logger("warn", `node ${peer} refuses us`, { code, detail });
  }

  /** A cluster that knows this id by another disk will not have this one. */
  #wipedBy(peer: NodeId): StartupError {
    const { nodeId } = this.#options.identity;
    const message =
      `node ${peer} knows node ${nodeId} by another disk: this data directory is new or was ` +
      `replaced, and the votes and acknowledgements of node ${nodeId} are forgotten with the old ` +
      "one. Put the original data directory back and start again, or remove the node and add a " +
      "new one under a new id";
    return new StartupError("wiped", message);
  }

  /**
   * No leader speaks to one that was removed. One that is still led is told wrongly, by a node that
   * was recovered alone while a majority lives: what a majority has must not end by its word. The
   * word of its own leader is enough, and clients that ask here need not wait out its lease.
   */
  #leaveUnlessLed(peer: NodeId): void {
    const { clock, timing } = this.#options;
    const { host } = this.#parts;
    const isLedByAnother = () => host.isLed && host.standing.leaderId !== peer;
    const leave = () => {
      if (!isLedByAnother()) this.#leave(`node ${peer} says so`);
    };
    if (isLedByAnother()) clock.setTimeout(leave, timing.electionTimeoutMs);
    else leave();
  }

  /** It is told once, however many say so. */
  #leave(why: string): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    const { nodeId } = this.#options.identity;
    this.#options.onRemoved(
      `node ${nodeId} was removed from the cluster (${why}): its data directory is of no use any ` +
        "more, and its id is never used again",
    );
  }

  #fail(error: FatalError | StartupError): void {
    this.#parts.host.stop();
    this.#options.onFailure(error);
  }
}
