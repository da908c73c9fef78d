/**
 * Carries out what the compaction chart asks for: a cut of the state, written slice by slice while
 * the node serves on, published once it and the log it stands for are durable.
 */
import { noLeader, outOfSpace, type RequestError, shuttingDown } from "../../errors";
import { compactionMachine } from "../../machines/compaction.machine";
import type { TakenSnapshot } from "../../machines/compaction-due";
import type { CompactionEffect, CompactionOutcome } from "../../machines/compaction-vocabulary";
import type { KvProjection } from "../../store/kv-projection";
import {
  type LogStore,
  NoSpaceError,
  type Recovered,
  type SnapshotWriting,
} from "../../store/ports";
import type { ConfigurationEntry, LogIndex, SnapshotInfo } from "../../types";
import { logIndex } from "../../types";
import type { Clock } from "../clock";
import type { NodeLimits } from "../limits";
import type { Logger } from "../logger";
import { hostMachine, type MachineHost } from "../machine-host";
import type { MachineWatch } from "../machine-watch";
import type { KvSnapshots } from "./kv-snapshots";
import { SLICES_PER_TURN_MAX, TURN_MS_MAX, WritingPace } from "./writing-pace";

/** When a node takes snapshots, beside those that somebody asks for. */
export interface CompactionSettings {
  readonly snapshotIntervalMs: number;
  readonly snapshotEntries: number;
}

export interface CompactionOptions {
  readonly clock: Clock;
  readonly limits: Pick<NodeLimits, "snapshotLogBytesMin" | "snapshotLogBytesMax">;
  readonly log: LogStore;
  readonly logger: Logger;
  readonly projection: KvProjection;
  readonly snapshots: KvSnapshots;
  readonly settings: CompactionSettings;
  readonly watch: MachineWatch;
  /** This node's place among its cluster's nodes. */
  readonly phase: { readonly rank: number; readonly of: number };
  /** What the log held behind the newest snapshot when the node started. */
  readonly recoveredLogBytes: number;
  /** The configuration in force at an applied entry. */
  configurationAt(index: LogIndex): ConfigurationEntry;
  /** A snapshot is durable; the log up to and with `baseIndex` is not needed any more. */
  onPublished(snapshot: SnapshotInfo, baseIndex: LogIndex): void;
}

/** What becomes of a wish for a snapshot: the newest one, or why there is none. */
export type SnapshotEnd = SnapshotInfo | RequestError;

/** What an entry is taken for. Units: bytes. */
const USUAL_ENTRY_BYTES = 1024;
/** Between two slices other work has at least so long. Units: ms. */
const BREATH_MS = 1;

/** A snapshot of `state` as the chart speaks of it. */
const takenOf = ({ byteLength, lastIndex }: SnapshotInfo, state: StateSize): TakenSnapshot => ({
  index: lastIndex,
  bytes: byteLength,
  parts: state.size + state.answerCount,
  stateBytes: state.byteLength,
});
type StateSize = Pick<KvProjection, "answerCount" | "byteLength" | "size">;

/** What a recovered log holds behind the newest snapshot. Units: bytes. */
export function bytesBehindSnapshot({
  entries,
  snapshot,
}: Pick<Recovered, "entries" | "snapshot">): number {
  const lastIndex = snapshot?.info.lastIndex ?? 0;
  return entries.reduce((sum, entry) => sum + (entry.index > lastIndex ? entry.byteLength : 0), 0);
}

interface Writing {
  /** The last entry that it stands for. */
  readonly lastIndex: LogIndex;
  readonly state: StateSize;
  readonly file: SnapshotWriting;
  readonly startedMs: number;
  readonly pace: WritingPace;
  isSynced: boolean;
}

export class Compaction {
  readonly #options: CompactionOptions;
  #machine: MachineHost<typeof compactionMachine> | null = null;
  #writing: Writing | null = null;
  #isStopped = false;
  #askers: ((end: SnapshotEnd) => void)[] = [];
  /** Asked while one was being written: theirs must hold what was applied before they asked. */
  #nextAskers: ((end: SnapshotEnd) => void)[] = [];

  constructor(options: CompactionOptions) {
    this.#options = options;
  }

  /** Bytes of log between two snapshots at least: a KiB an entry, within the limits. */
  get #logBytesMin(): number {
    const { limits, settings } = this.#options;
    const usual = settings.snapshotEntries * USUAL_ENTRY_BYTES;
    return Math.min(Math.max(usual, limits.snapshotLogBytesMin), limits.snapshotLogBytesMax);
  }

  /** To be called before anything is applied: the state is still that of the newest snapshot. */
  start(): void {
    const { clock, phase, projection, recoveredLogBytes, settings, snapshots, watch } =
      this.#options;
    const [newest] = snapshots.published;
    this.#machine = hostMachine(compactionMachine, {
      id: "compaction",
      input: {
        phase,
        snapshotEntries: settings.snapshotEntries,
        snapshotBytesMin: this.#logBytesMin,
        intervalMs: settings.snapshotIntervalMs,
        lastSnapshot: newest ? takenOf(newest, projection) : null,
        recoveredLogBytes,
      },
      clock,
      perform: (effect) => this.#perform(effect),
      watch: (snapshot, cause) => watch.compaction(snapshot, cause),
    });
  }

  /** The store is about to close: a snapshot that is not published yet is never missed. */
  stop(): void {
    this.#isStopped = true;
    this.#machine = null;
    this.#abandon();
    const askers = [...this.#askers, ...this.#nextAskers];
    this.#askers = [];
    this.#nextAskers = [];
    for (const settle of askers) settle(shuttingDown());
  }

  onApplied(appliedIndex: LogIndex): void {
    const { bytesWritten: logBytes, lastIndex: logIndex } = this.#options.log;
    this.#machine?.send({ type: "applied", appliedIndex, logBytes, logIndex });
  }

  onLogDurable(): void {
    this.#tellSynced();
  }

  /** A snapshot came from the leader, newer than any of our own. */
  onInstalled(info: SnapshotInfo, state: StateSize): void {
    this.#machine?.send({ type: "snapshot.installed", snapshot: takenOf(info, state) });
  }

  /** Has a snapshot taken; `settle` is called once, unless the node stops before. */
  request(settle: (end: SnapshotEnd) => void): void {
    if (this.#writing) {
      this.#nextAskers.push(settle);
      return;
    }
    this.#askers.push(settle);
    this.#machine?.send({ type: "snapshot.requested" });
  }

  #perform(effect: CompactionEffect): void {
    if (this.#isStopped) return;
    switch (effect.type) {
      case "rollLog":
        this.#options.log.roll();
        break;
      case "beginSnapshot":
        this.#begin(effect);
        break;
      case "writeSnapshot":
        this.#writeSliceSoon();
        break;
      case "syncSnapshot":
        this.#sync();
        break;
      case "publishSnapshot":
        this.#publish();
        break;
      case "abandonSnapshot":
        this.#abandon();
        break;
      case "finished":
        this.#settle(effect.outcome);
        break;
    }
  }

  #begin({ last, logBytesMax }: Extract<CompactionEffect, { type: "beginSnapshot" }>): void {
    const { clock, configurationAt, log, projection, snapshots } = this.#options;
    const lastIndex = projection.appliedIndex;
    const configuration = configurationAt(lastIndex);
    const file = snapshots.write(projection.cut(), { configuration });
    const { answerCount, byteLength, size } = projection;
    // Of what has come since nobody knows yet how well it compresses.
    const fileBytes = last.bytes + Math.max(0, byteLength - last.stateBytes);
    const pace = new WritingPace({ log, logBytesMax, file, fileBytes });
    const state = { answerCount, byteLength, size };
    this.#writing = { lastIndex, state, file, pace, startedMs: clock.nowMs(), isSynced: false };
  }

  /** What was abandoned meanwhile has no slice in the one that was begun since. */
  #writeSliceSoon(): void {
    const { clock } = this.#options;
    const writing = this.#writing;
    const write = () => writing === this.#writing && this.#writeSlices();
    if (writing?.pace.isBehind) clock.defer(write);
    else clock.setTimeout(write, BREATH_MS);
  }

  #writeSlices(): void {
    const writing = this.#writing;
    if (!writing) return;
    const { clock } = this.#options;
    const { file, pace } = writing;
    const endMs = clock.nowMs() + TURN_MS_MAX;
    try {
      let isWhole = false;
      for (let slices = 0; !isWhole && slices < SLICES_PER_TURN_MAX; slices++) {
        isWhole = file.writeSlice();
        if (!pace.isBehind || clock.nowMs() >= endMs) break;
      }
      if (isWhole) this.#machine?.send({ type: "snapshot.written" });
      else this.#writeSliceSoon();
    } catch (error) {
      if (!(error instanceof NoSpaceError)) throw error;
      this.#machine?.send({ type: "room.lacking" });
    }
  }

  #sync(): void {
    const writing = this.#writing;
    writing?.file.sync(() => {
      if (writing !== this.#writing) return;
      writing.isSynced = true;
      this.#tellSynced();
    });
  }

  /** An own snapshot never runs ahead of the own log, so that the two always connect. */
  #tellSynced(): void {
    const { log } = this.#options;
    if (!this.#writing?.isSynced || log.durableIndex < this.#writing.lastIndex) return;
    this.#machine?.send({ type: "snapshot.synced" });
  }

  #publish(): void {
    const { clock, logger, onPublished, projection, snapshots } = this.#options;
    const writing = this.#writing;
    if (!writing) return;
    const info = writing.file.publish();
    this.#writing = null;
    const snapshot = takenOf(info, writing.state);
    this.#machine?.send({ type: "snapshot.published", snapshot });
    // The older of the two that are kept must be able to stand in for the newest, with the log.
    const baseIndex = snapshots.published[1]?.lastIndex ?? logIndex(0);
    onPublished(info, baseIndex);
    const ms = Math.round(clock.nowMs() - writing.startedMs);
    const { bytes, index } = snapshot;
    logger("info", "snapshot taken", { index, bytes, ms, logFrom: baseIndex + 1 });
    // The next one may begin at once, and turns the log where it ends now.
    this.onApplied(projection.appliedIndex);
    this.#machine?.send({ type: "log.cut" });
  }

  #settle(outcome: CompactionOutcome): void {
    const end = this.#endOf(outcome);
    const askers = this.#askers;
    this.#askers = this.#nextAskers;
    this.#nextAskers = [];
    for (const settle of askers) settle(end);
    if (this.#askers.length > 0) this.#machine?.send({ type: "snapshot.requested" });
  }

  #endOf(outcome: CompactionOutcome): SnapshotEnd {
    if (outcome === "noRoom") return outOfSpace("the disk of this node has no room for a snapshot");
    const [newest] = this.#options.snapshots.published;
    return newest ?? noLeader("nothing is committed yet that a snapshot could hold");
  }

  #abandon(): void {
    this.#writing?.file.abandon();
    this.#writing = null;
  }
}
