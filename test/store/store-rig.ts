/** A store on a simulated disk, and a witness that remembers everything it was promised. */
import { expect } from "bun:test";
import { encodeEntry } from "../../src/codec/entries";
import type { FatalError } from "../../src/errors";
import type { StoreLimits } from "../../src/store/limits";
import { type OpenedStore, openStore, type StoreOptions } from "../../src/store/open-store";
import {
  clusterId,
  diskId,
  foundedBy,
  type HardState,
  type LogEntry,
  logIndex,
  nodeId,
  type Term,
  term,
} from "../../src/types";
import { MortalRig } from "./mortal-rig";

/** So small that a few appends roll, grow and evict. */
export const tinyLimits: Partial<StoreLimits> = {
  segmentBytesMax: 4096,
  preallocateBytes: 1024,
  cacheBytesMax: 2048,
  reserveBytes: 2048,
  markEveryBytes: 3000,
};

export const founders = foundedBy(
  [1, 2, 3].map((id) => ({
    id: nodeId(id),
    peerAddress: `127.0.0.1:908${id}`,
    diskId: null,
  })),
);

/** Fires timers in the order they fall due, when told to. */
export class ManualClock {
  #timers: { readonly dueMs: number; readonly fire: () => void }[] = [];
  #nowMs = 0;

  setTimeout(fire: () => void, delayMs: number): null {
    this.#timers.push({ dueMs: this.#nowMs + delayMs, fire });
    this.#timers.sort((a, b) => a.dueMs - b.dueMs);
    return null;
  }

  /** Fires the next timer; false when none is left. */
  step(): boolean {
    const timer = this.#timers.shift();
    if (!timer) return false;
    this.#nowMs = timer.dueMs;
    timer.fire();
    return true;
  }

  run(): void {
    while (this.step());
  }
}

/** One append as the store took it. */
interface Batch {
  readonly entries: readonly LogEntry[];
  readonly generation: number;
}

let versions = 0;
/** Entries `first…`, each with content of its own, so that no two versions are alike. */
export function makeEntries(first: number, count: number, bytes = 40): LogEntry[] {
  return Array.from({ length: count }, (_, place) => {
    const command = new Uint8Array(Math.max(4, bytes)).fill(versions % 251);
    new DataView(command.buffer).setUint32(0, ++versions);
    const index = logIndex(first + place);
    return encodeEntry({ kind: "command", command }, { index, term: term(1), timeMs: 1 });
  });
}

export class StoreRig extends MortalRig {
  clock = new ManualClock();
  fatal: FatalError[] = [];
  /** Set by a test that spoils what was durable: the store may then lose it, if it says so. */
  isDamaged = false;
  /** The log as it was when the store was opened, then every append since. */
  #recovered: readonly Uint8Array[] = [];
  #batches: Batch[] = [];
  /** How many of `#batches` were reported durable. */
  #durableBatches = 0;
  #generation = 0;
  /** The last vote that was called durable, then every newer one. */
  #votes: HardState[] = [{ term: term(0), votedFor: null }];

  constructor(private readonly limits: Partial<StoreLimits> = tinyLimits) {
    super();
  }

  /** Opens the store and holds what it recovered against what was promised before. */
  open(options: Partial<StoreOptions> = {}): OpenedStore {
    this.clock = new ManualClock();
    this.fatal = [];
    this.hasDied = false;
    const opened = openStore(this.disk.mount(this.clock), {
      nodeId: nodeId(1),
      clusterId: clusterId("c"),
      founders,
      drawDiskId: () => diskId("d"),
      onDurable: (lastIndex, generation) => this.#onDurable(lastIndex, generation),
      onFatal: (error) => this.fatal.push(error),
      limits: this.limits,
      ...options,
    });
    const records = this.records(opened);
    if (!this.isDamaged) this.#expectPromised(opened, records);
    this.#recovered = records;
    this.#batches = [];
    this.#durableBatches = 0;
    this.#votes = [opened.recovered.hardState];
    return opened;
  }

  /** Makes the disk so large that `bytes` are left. */
  leaveRoom(bytes: number): void {
    let used = 0;
    for (const name of this.disk.list()) used += this.disk.file(name).size;
    this.disk.capacityBytes = used + bytes;
  }

  /** All records of the log, read back. */
  records({ store }: OpenedStore): Uint8Array[] {
    if (store.lastIndex === 0) return [];
    return store
      .read(logIndex(1), store.lastIndex, Number.POSITIVE_INFINITY)
      .map((entry) => entry.record.slice());
  }

  /** Appends `count` new entries from `first` on (by default behind the last one). */
  append({ store }: OpenedStore, count: number, options: { first?: number; bytes?: number } = {}) {
    const first = options.first ?? store.lastIndex + 1;
    if (first <= store.lastIndex) this.#generation++;
    const entries = makeEntries(first, count, options.bytes);
    const batch = { entries, generation: this.#generation };
    this.#batches.push(batch);
    try {
      store.append(entries, { generation: this.#generation, commitIndex: logIndex(0) });
    } catch (error) {
      // It may be on its way to the disk only if the process died meanwhile.
      if (!this.hasDied) this.#batches.pop();
      throw error;
    }
  }

  /** A term that has never been. */
  get nextTerm(): Term {
    return term((this.#votes.at(-1)?.term ?? 0) + 1);
  }

  /** Moves to the next term with a vote. */
  vote({ store }: OpenedStore, votedFor: number): void {
    const hardState = { term: this.nextTerm, votedFor: nodeId(votedFor) };
    this.#votes.push(hardState);
    store.persistHardState(hardState, () => {
      this.#votes = this.#votes.slice(this.#votes.indexOf(hardState));
    });
  }

  close({ store }: OpenedStore): void {
    let closed = false;
    store.close(() => {
      closed = true;
    });
    this.clock.run();
    expect(closed).toBe(true);
  }

  #onDurable(lastIndex: number, generation: number): void {
    const place = this.#batches.findLastIndex(
      (batch) => batch.generation === generation && batch.entries.at(-1)?.index === lastIndex,
    );
    expect(place).toBeGreaterThanOrEqual(this.#durableBatches);
    this.#durableBatches = place + 1;
  }

  /** The log is one it has been, with everything durable in it; so is the vote. */
  #expectPromised(opened: OpenedStore, records: readonly Uint8Array[]): void {
    expect(opened.recovered.forgottenUpTo).toBe(null);
    expect(this.#votes).toContainEqual(opened.recovered.hardState);
    const found = records.map(fingerprint).join();
    const possible: string[] = [];
    let log = [...this.#recovered];
    this.#batches.forEach(({ entries }, place) => {
      if (place >= this.#durableBatches) possible.push(log.map(fingerprint).join());
      for (const entry of entries) {
        log = [...log.slice(0, entry.index - 1), entry.record];
        if (place >= this.#durableBatches) possible.push(log.map(fingerprint).join());
      }
    });
    possible.push(log.map(fingerprint).join());
    if (!possible.includes(found)) {
      throw new Error(`recovered ${records.length} records that are no log it has promised`);
    }
  }
}

const fingerprint = (record: Uint8Array): string => String(Bun.hash(record));
