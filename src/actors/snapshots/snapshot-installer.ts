/**
 * Takes in the snapshot that a leader sends (Raft §7): keeps its chunks, checks and loads the whole
 * beside the state that goes on serving, and takes it over when the chart says so.
 */
import { FatalError } from "../../errors";
import type { RaftEffect, RaftEvent } from "../../machines/raft/vocabulary";
import type { KvProjection } from "../../store/kv-projection";
import {
  type LoadedSnapshot,
  type LogStore,
  NoSpaceError,
  SnapshotDamagedError,
} from "../../store/ports";
import { isSameSnapshot, type SnapshotInfo } from "../../types";
import type { Clock } from "../clock";
import type { NodeLimits } from "../limits";
import type { Logger } from "../logger";
import type { KvSnapshotReceiving, KvSnapshots } from "./kv-snapshots";

type Effect<T extends RaftEffect["type"]> = Extract<RaftEffect, { type: T }>;

export interface SnapshotInstallerOptions {
  readonly clock: Clock;
  readonly limits: Pick<NodeLimits, "loadRestMs">;
  readonly log: LogStore;
  readonly logger: Logger;
  readonly snapshots: KvSnapshots;
  step(event: RaftEvent): void;
  /** The loaded state takes the place of the present one. */
  onInstalled(info: SnapshotInfo, loaded: LoadedSnapshot<KvProjection>): void;
}

interface Incoming {
  readonly receiving: KvSnapshotReceiving;
  loaded: LoadedSnapshot<KvProjection> | null;
}

export class SnapshotInstaller {
  readonly #options: SnapshotInstallerOptions;
  #incoming: Incoming | null = null;
  #toldFailure: string | null = null;
  #isStopped = false;

  constructor(options: SnapshotInstallerOptions) {
    this.#options = options;
  }

  /** The store is about to close: what has come in is sent again some other time. */
  stop(): void {
    this.#isStopped = true;
  }

  receive({ snapshot, offset, bytes }: Effect<"receiveChunk">): void {
    const incoming = this.#incomingFor(snapshot);
    try {
      incoming.receiving.write(offset, bytes);
    } catch (error) {
      if (!(error instanceof NoSpaceError)) throw error;
      this.#fail(incoming, "the disk has no room for it");
      return;
    }
    if (offset + bytes.length < snapshot.byteLength) return;
    incoming.receiving.sync(() => this.#loadSlice(incoming));
  }

  abandon(snapshot: SnapshotInfo): void {
    if (this.#incoming && isSameSnapshot(this.#incoming.receiving.info, snapshot)) this.#drop();
  }

  /** Durable first, then in force: a crash between the two finds the snapshot at the next start. */
  install({ snapshot, replacesLog }: Effect<"installSnapshot">): void {
    const { log, logger, onInstalled } = this.#options;
    const incoming = this.#incoming;
    if (!incoming?.loaded || !isSameSnapshot(incoming.receiving.info, snapshot)) {
      throw new FatalError("machine_failed", "a snapshot is installed that was never loaded", {
        nextStep: "keep the data directory and report this; the other nodes carry on",
      });
    }
    this.#incoming = null;
    const info = incoming.receiving.publish();
    if (replacesLog) log.reset({ index: info.lastIndex, term: info.lastTerm });
    onInstalled(info, incoming.loaded);
    logger("info", "installed a snapshot from the leader", {
      index: info.lastIndex,
      bytes: info.byteLength,
      keys: incoming.loaded.head.keyCount,
    });
  }

  #incomingFor(snapshot: SnapshotInfo): Incoming {
    if (this.#incoming && isSameSnapshot(this.#incoming.receiving.info, snapshot))
      return this.#incoming;
    this.#drop();
    this.#incoming = { receiving: this.#options.snapshots.receive(snapshot), loaded: null };
    return this.#incoming;
  }

  /** In slices, between which the node answers its leader. */
  #loadSlice(incoming: Incoming): void {
    if (this.#isStopped || incoming !== this.#incoming) return;
    const { clock, limits, log, step } = this.#options;
    const { receiving } = incoming;
    try {
      incoming.loaded = receiving.loadSlice();
    } catch (error) {
      if (!(error instanceof SnapshotDamagedError)) throw error;
      this.#fail(incoming, error.message);
      return;
    }
    if (incoming.loaded === null) {
      clock.setTimeout(() => this.#loadSlice(incoming), limits.loadRestMs);
      return;
    }
    if (!log.prepareReset()) {
      this.#fail(incoming, "the disk has no room for the log that would go on behind it");
      return;
    }
    const { configuration } = incoming.loaded.head;
    step({ type: "snapshot.loaded", snapshot: receiving.info, configuration });
  }

  #fail({ receiving }: Incoming, why: string): void {
    const { info } = receiving;
    // The leader tries again with every heartbeat: once is enough to be told.
    const told = `${info.lastIndex} ${info.checksum} ${why}`;
    if (told !== this.#toldFailure) {
      this.#toldFailure = told;
      const facts = { index: info.lastIndex, why };
      this.#options.logger("warn", "a snapshot from the leader cannot be used", facts);
    }
    this.#drop();
    this.#options.step({ type: "snapshot.failed", snapshot: info });
  }

  #drop(): void {
    this.#incoming?.receiving.abandon();
    this.#incoming = null;
  }
}
