/** A node's store and state on a simulated disk: a log of commands, and snapshots of their fold. */
import { encodeCommand } from "../../src/codec/commands";
import { encodeEntry } from "../../src/codec/entries";
import type { FatalError } from "../../src/errors";
import { KvProjection } from "../../src/store/kv-projection";
import { type OpenedStore, openStore, type StoreOptions } from "../../src/store/open-store";
import type { SnapshotWriting } from "../../src/store/ports";
import { encodeSnapshot, type SnapshotAbout } from "../../src/store/snapshot-encoder";
import {
  type Command,
  clusterId,
  diskId,
  indexPlus,
  type LogEntry,
  logIndex,
  nodeId,
  type SnapshotInfo,
  term,
} from "../../src/types";
import { deleteCommand, setCommand, text } from "./applied-log";
import { MortalRig } from "./mortal-rig";
import { founders, ManualClock, tinyLimits } from "./store-rig";

/** So small that a few items fill a block. */
export const BLOCK_BYTES = 200;
export const about: SnapshotAbout = {
  clusterId: clusterId("c"),
  configuration: { index: logIndex(0), configuration: founders },
};

/** The whole file of a snapshot, and what it is called. */
export function snapshotOf(
  kv: KvProjection,
  options: Partial<SnapshotAbout> = {},
  blockBytes = BLOCK_BYTES,
): { bytes: Uint8Array; pieces: Uint8Array[]; info: SnapshotInfo } {
  const cut = kv.cut();
  const encoding = encodeSnapshot(cut, { ...about, ...options }, blockBytes);
  const pieces: Uint8Array[] = [];
  for (;;) {
    const next = encoding.next();
    if (next.done) {
      cut.release();
      return { bytes: new Uint8Array(Buffer.concat(pieces)), pieces, info: next.value };
    }
    pieces.push(next.value);
  }
}

/** Some bytes as a snapshot is read from. */
export const sourceOf = (bytes: Uint8Array) => ({
  path: "sample",
  size: () => bytes.length,
  read: (position: number, length: number) => bytes.slice(position, position + length),
});

/** All that a projection holds, in the order of keys. */
export const itemsOf = (kv: KvProjection) =>
  kv.list({ prefix: "", after: null, limit: 1e9, bytesMax: 1e12 }).items;

/** The command of entry `index`: sets, deletes and retries, all different, over few keys. */
export function commandAt(index: number): Command {
  const key = `key ${(index * 7) % 13}${index % 5 === 0 ? " ä" : ""}`;
  if (index % 6 === 0) return deleteCommand(key);
  const value =
    index % 4 === 0 ? { kind: "json" as const, json: `{"at":${index}}` } : text(`v${index}`);
  return setCommand(key, value, index % 3 === 0 ? { idempotencyKey: `retry ${index}` } : {});
}

export function entryAt(index: number): LogEntry {
  const place = { index: logIndex(index), term: term(1), timeMs: 1000 + index };
  return encodeEntry({ kind: "command", command: encodeCommand(commandAt(index)) }, place);
}

/** The fold of the first `count` entries. */
export function foldOf(count: number, kv = new KvProjection()): KvProjection {
  for (let index = kv.appliedIndex + 1; index <= count; index++) kv.apply(entryAt(index));
  return kv;
}

export class SnapshotRig extends MortalRig {
  clock = new ManualClock();
  fatal: FatalError[] = [];
  durableIndex = 0;
  #opened: OpenedStore | null = null;

  constructor(private readonly options: Partial<StoreOptions> = {}) {
    super();
  }

  get opened(): OpenedStore {
    if (this.#opened === null) throw new Error("the store was opened");
    return this.#opened;
  }
  get names(): string[] {
    return this.disk.list().filter((name) => name.startsWith("snapshot-"));
  }

  /** Opens the store and applies all of its log. */
  open(options: Partial<StoreOptions> = {}): OpenedStore {
    this.clock = new ManualClock();
    this.fatal = [];
    this.hasDied = false;
    const opened = openStore(this.disk.mount(this.clock), {
      nodeId: nodeId(1),
      clusterId: about.clusterId,
      founders,
      drawDiskId: () => diskId("d"),
      onDurable: (lastIndex) => {
        this.durableIndex = Math.max(this.durableIndex, lastIndex);
      },
      onFatal: (error) => this.fatal.push(error),
      limits: { ...tinyLimits, snapshotBlockBytes: BLOCK_BYTES },
      ...this.options,
      ...options,
    });
    this.#opened = opened;
    this.#applyAll(opened);
    return opened;
  }

  close(): void {
    this.opened.store.close(() => {});
    this.clock.run();
  }

  /** Appends entries and applies them once they are durable. */
  append(count: number): void {
    const { store } = this.opened;
    const first = store.lastIndex + 1;
    const entries = Array.from({ length: count }, (_, place) => entryAt(first + place));
    store.append(entries, { generation: 0, commitIndex: logIndex(0) });
    this.clock.run();
    this.#applyAll(this.opened);
  }

  /** Begins a snapshot and writes all of it, durably, without its name. */
  write(): SnapshotWriting {
    const { projection, snapshots } = this.opened;
    const writing = snapshots.write(projection.cut(), about);
    while (!writing.writeSlice());
    writing.sync(() => {});
    this.clock.run();
    return writing;
  }

  /** Takes a snapshot and cuts the log behind the one before it, as a node does. */
  takeSnapshot(): SnapshotInfo {
    const { snapshots, store } = this.opened;
    store.roll();
    const info = this.write().publish();
    store.cut(snapshots.published[1]?.lastIndex ?? logIndex(0));
    return info;
  }

  #applyAll({ projection, store }: OpenedStore): void {
    while (projection.appliedIndex < store.lastIndex) {
      const first = indexPlus(projection.appliedIndex, 1);
      for (const entry of store.read(first, store.lastIndex, 4096)) projection.apply(entry);
    }
  }
}
