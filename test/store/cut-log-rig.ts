/**
 * A log that snapshots stand before, on a simulated disk, and a witness of everything it promised.
 * The snapshots are the rig's own word: a durable one has a last index and term, nothing else.
 */
import { expect } from "bun:test";
import { encodeEntry } from "../../src/codec/entries";
import type { FatalError } from "../../src/errors";
import { HardStateFile } from "../../src/store/hard-state";
import { defaultStoreLimits, type StoreLimits } from "../../src/store/limits";
import type { FileSystem } from "../../src/store/ports";
import { logReachesBackTo, type RecoveredLog, recoverLog } from "../../src/store/recovery";
import type { SnapshotEnd } from "../../src/store/replayed-log";
import { Reserve } from "../../src/store/reserve";
import { SegmentedLog } from "../../src/store/segmented-log";
import { type LogEntry, logIndex, term } from "../../src/types";
import { MortalRig } from "./mortal-rig";
import { ManualClock, tinyLimits } from "./store-rig";

/** An entry as the model knows it; of one that a snapshot stands for only the term. */
interface Known {
  readonly content: string | null;
  readonly term: number;
}
/** The log from entry 1 on. */
type ModelLog = readonly Known[];

interface Change {
  /** What the log may be once the change has reached the disk in part. */
  readonly parts: () => readonly ModelLog[];
  readonly whole: ModelLog;
  readonly generation: number;
}

export class CutLogRig extends MortalRig {
  clock = new ManualClock();
  fatal: FatalError[] = [];
  /** Durable ones, oldest first: at most two. */
  snapshots: SnapshotEnd[] = [];
  readonly #limits: StoreLimits;
  #store: SegmentedLog | null = null;
  #log: ModelLog = [];
  /** The log at the last change known durable, then every change since. */
  #durable: ModelLog = [];
  #changes: Change[] = [];
  #generation = 0;
  #versions = 0;
  #term = 1;

  constructor(limits: Partial<StoreLimits> = {}) {
    super();
    this.#limits = { ...defaultStoreLimits, ...tinyLimits, preallocateBytes: 256, ...limits };
    HardStateFile.create(this.disk.mount(this.clock));
  }

  get store(): SegmentedLog {
    return this.#store ?? expect.unreachable();
  }
  get snapshot(): SnapshotEnd | null {
    return this.snapshots.at(-1) ?? null;
  }
  get segmentNames(): readonly string[] {
    return this.disk.list().filter((name) => name.startsWith("log-"));
  }
  /** Nothing up to here is ever replaced. */
  get committed(): number {
    return this.snapshot?.lastIndex ?? 0;
  }

  /** Recovers the log and holds it against what was promised before. */
  open(): RecoveredLog {
    const found = this.openDamaged();
    this.#expectPromised(found);
    this.#durable = this.#log;
    this.#changes = [];
    return found;
  }

  /** The same for a disk that was spoiled: nothing that was promised is looked for. */
  openDamaged(mount = (fileSystem: FileSystem) => fileSystem): RecoveredLog {
    this.clock = new ManualClock();
    this.hasDied = false;
    const onFatal = (error: FatalError) => this.#store?.fail(error);
    const fileSystem = mount(this.disk.mount(this.clock));
    fileSystem.lock();
    const hardState = HardStateFile.open(fileSystem, onFatal);
    const reachesBackTo = logReachesBackTo(fileSystem);
    expect(Number(reachesBackTo)).toBeLessThanOrEqual(this.snapshots[0]?.lastIndex ?? 0);
    const found = recoverLog(fileSystem, hardState.slot.mark, this.snapshot);
    const { ends, positions } = found.log;
    const mark = { batch: ends.lastBatch, index: ends.lastIndex };
    hardState.writeNow({ mark, forgottenUpTo: found.forgottenUpTo });
    const reserve = new Reserve(fileSystem, this.#limits.reserveBytes, onFatal);
    reserve.restoreNow();
    this.#store = new SegmentedLog({
      fileSystem,
      segments: found.segments,
      positions,
      ends,
      hardState,
      reserve,
      limits: this.#limits,
      onDurable: (lastIndex, generation) => this.#onDurable(lastIndex, generation),
      onSyncing: () => () => {},
      onFatal: (error) => this.fatal.push(error),
    });
    return found;
  }

  /** Recovers the log and nothing else, with a snapshot of the test's choice. */
  recover(snapshot: SnapshotEnd | null): RecoveredLog {
    const fileSystem = this.disk.mount(this.clock);
    const hardState = HardStateFile.open(fileSystem, () => expect.unreachable());
    return recoverLog(fileSystem, hardState.slot.mark, snapshot);
  }

  /** The lowest index that a snapshot must reach. */
  get reachesBackTo(): number {
    return logReachesBackTo(this.disk.mount(this.clock));
  }

  /** Ten entries a segment, 1…10, 11…20 and 21…30, all durable. */
  static threeSegments(): CutLogRig {
    const rig = new CutLogRig({ segmentBytesMax: 100_000 });
    rig.open();
    for (const roll of [false, true, true]) {
      if (roll) rig.store.roll();
      rig.append(10);
      rig.clock.run();
    }
    return rig;
  }

  append(count: number, options: { bytes?: number; first?: number } = {}): void {
    const first = options.first ?? this.store.lastIndex + 1;
    if (first <= this.store.lastIndex) {
      this.#generation++;
      this.#term++;
    }
    const entries = Array.from({ length: count }, (_, place) =>
      this.#entry(first + place, options.bytes ?? 40),
    );
    const whole = [...this.#log.slice(0, first - 1), ...entries.map(known)];
    const parts = () => entries.map((_, place) => whole.slice(0, first + place));
    const before = { log: this.#log, changes: this.#changes.slice() };
    this.#change({ parts, whole });
    const commitIndex = logIndex(this.committed);
    try {
      this.store.append(entries, { generation: this.#generation, commitIndex });
    } catch (error) {
      // It may be on its way to the disk only if the process died meanwhile.
      if (!this.hasDied) [this.#log, this.#changes] = [before.log, before.changes];
      throw error;
    }
  }

  /** Publishes a snapshot of the own state, then cuts the log behind the one before. */
  compact(index: number): void {
    expect(index).toBeLessThanOrEqual(this.store.durableIndex);
    const before = this.snapshot;
    if (index <= (before?.lastIndex ?? 0)) return;
    const lastTerm = term(this.#log[index - 1]?.term ?? expect.unreachable());
    this.snapshots = [...this.snapshots, { lastIndex: logIndex(index), lastTerm }].slice(-2);
    if (before) this.store.cut(before.lastIndex);
  }

  /** A snapshot of another node is published, and the log replaced. */
  install(index: number): void {
    const lastTerm = term(++this.#term);
    const snapshot = { lastIndex: logIndex(index), lastTerm };
    this.snapshots = [snapshot];
    this.#change({ parts: () => [], whole: replacedBy(snapshot) });
    this.#generation++;
    this.store.reset({ index: snapshot.lastIndex, term: lastTerm });
    this.#durable = this.#log;
    this.#changes = [];
  }

  close(): void {
    let closed = false;
    this.store.close(() => {
      closed = true;
    });
    this.clock.run();
    expect(closed).toBe(true);
  }

  /** The last model log, as far as the store can read it, against what the store reads. */
  expectReadable(): void {
    const { baseIndex, lastIndex } = this.store;
    if (lastIndex === baseIndex) return;
    const read = this.store.read(logIndex(baseIndex + 1), lastIndex, Number.POSITIVE_INFINITY);
    expect(read.map(known)).toEqual(this.#log.slice(baseIndex));
  }

  #entry(index: number, bytes: number): LogEntry {
    const command = new Uint8Array(Math.max(4, bytes)).fill(this.#versions % 251);
    new DataView(command.buffer).setUint32(0, ++this.#versions);
    const at = { index: logIndex(index), term: term(this.#term), timeMs: 1 };
    return encodeEntry({ kind: "command", command }, at);
  }

  #change(change: Pick<Change, "parts" | "whole">): void {
    this.#changes.push({ ...change, generation: this.#generation });
    this.#log = change.whole;
  }

  #onDurable(lastIndex: number, generation: number): void {
    const place = this.#changes.findLastIndex(
      (change) => change.generation === generation && change.whole.length === lastIndex,
    );
    // A completion of what a reset has replaced must never be heard of.
    expect(place).toBeGreaterThanOrEqual(0);
    this.#durable = this.#changes[place]?.whole ?? expect.unreachable();
    this.#changes = this.#changes.slice(place + 1);
  }

  /** The log is one it has been, with everything durable in it, as the snapshot leaves it. */
  #expectPromised({ forgottenUpTo, log }: RecoveredLog): void {
    const { store, snapshot } = this;
    expect(forgottenUpTo).toBe(null);
    expect(log.entries.length).toBe(store.lastIndex - store.baseIndex);
    expect(Number(store.baseIndex)).toBeLessThanOrEqual(snapshot?.lastIndex ?? 0);
    expect(Number(log.commitIndex)).toBeGreaterThanOrEqual(snapshot?.lastIndex ?? 0);
    expect(Number(log.commitIndex)).toBeLessThanOrEqual(store.lastIndex);
    expect(store.durableIndex).toBe(store.lastIndex);
    const read =
      store.lastIndex > store.baseIndex
        ? store.read(logIndex(store.baseIndex + 1), store.lastIndex, Number.POSITIVE_INFINITY)
        : [];
    const changed = this.#changes.flatMap(({ parts, whole }) => [...parts(), whole]);
    const possible = [this.#durable, ...changed].map((model) =>
      snapshot === null || continues(model, snapshot) ? model : replacedBy(snapshot),
    );
    const found = possible.find(
      (model) =>
        model.length === store.lastIndex &&
        (log.base.index === 0 || model[log.base.index - 1]?.term === log.base.term) &&
        read.every((entry) => sameEntry(entry, model[entry.index - 1])),
    );
    if (!found) throw new Error(`${store.baseIndex}…${store.lastIndex} is no log it has been`);
    this.#log = found;
  }
}

const known = ({ record, term }: LogEntry): Known => ({ content: String(Bun.hash(record)), term });

const sameEntry = (entry: LogEntry, model: Known | undefined): boolean =>
  model?.content === known(entry).content && model?.term === entry.term;

const continues = (log: ModelLog, { lastIndex, lastTerm }: SnapshotEnd): boolean =>
  log.length >= lastIndex && log[lastIndex - 1]?.term === lastTerm;

const replacedBy = ({ lastIndex, lastTerm }: SnapshotEnd): ModelLog =>
  Array.from({ length: lastIndex }, () => ({ content: null, term: lastTerm }));
