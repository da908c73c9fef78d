/**
 * Reads a snapshot back, record by record, so that whoever loads it can breathe in between. Nothing
 * of it is believed before all of it was read and its state has the hash that it should have.
 */
import { crc32 } from "../codec/crc32";
import { MalformedError } from "../codec/malformed";
import { RECORD_HEADER_BYTES, RecordReader } from "../codec/record";
import type { ClusterId, LogIndex, SnapshotInfo, Term } from "../types";
import { readAnswer } from "./answer-bytes";
import { ByteReader } from "./byte-reader";
import { ItemFields } from "./item-bytes";
import type { KvProjection } from "./kv-projection";
import { type File, type LoadedSnapshot, SnapshotDamagedError, type SnapshotHead } from "./ports";
import { hasPreamble, PREAMBLE_BYTES } from "./preamble";
import {
  ANSWERS,
  decodeBlock,
  decodeEnd,
  decodeHead,
  END,
  HEAD,
  ITEMS,
  SNAPSHOT_FORMAT,
} from "./snapshot-format";
import { StateBuilder } from "./state-builder";

/** What a snapshot is read from. */
export interface SnapshotSource extends Pick<File, "read" | "size"> {
  /** For messages. */
  readonly path: string;
}

/** What the snapshot must be, as far as somebody knows. */
export interface ExpectedSnapshot {
  readonly clusterId?: ClusterId;
  readonly lastIndex?: LogIndex;
  readonly lastTerm?: Term;
  readonly checksum?: number;
}

export interface SnapshotLoaderOptions {
  readonly file: SnapshotSource;
  readonly expected: ExpectedSnapshot;
  /** A blank one, to be filled. */
  readonly makeProjection: () => KvProjection;
}

export class SnapshotLoader {
  readonly #options: SnapshotLoaderOptions;
  readonly #projection: KvProjection;
  readonly #builder: StateBuilder;
  readonly #item = new ItemFields();
  readonly #byteLength: number;
  /** Where the next record begins. */
  #offset = 0;
  /** Over everything before `#offset`. */
  #checksum = 0;
  #records = 0;
  #head: SnapshotHead | null = null;
  /** Of the last record: kinds never go back. */
  #kind = 0;

  constructor(options: SnapshotLoaderOptions) {
    this.#options = options;
    this.#projection = options.makeProjection();
    this.#builder = new StateBuilder(this.#projection.limits);
    this.#byteLength = options.file.size();
  }

  /**
   * Reads one record more; the whole once it is there, null before. Errors: `SnapshotDamagedError`;
   * `StartupError` for a snapshot of a later version.
   */
  step(): LoadedSnapshot<KvProjection> | null {
    try {
      if (this.#offset === 0) this.#readPreamble();
      return this.#readRecord();
    } catch (error) {
      if (error instanceof MalformedError) throw this.#damaged(error.detail);
      throw error;
    }
  }

  /** Of the whole, once it is there. */
  infoOf({ lastIndex, lastTerm }: SnapshotHead): SnapshotInfo {
    return { lastIndex, lastTerm, byteLength: this.#byteLength, checksum: this.#checksum };
  }

  #readPreamble(): void {
    const bytes = this.#read(PREAMBLE_BYTES);
    if (!hasPreamble(bytes, SNAPSHOT_FORMAT, this.#options.file.path)) {
      fail("it does not begin as a snapshot does");
    }
    this.#passed(bytes);
  }

  #readRecord(): LoadedSnapshot<KvProjection> | null {
    const header = this.#read(RECORD_HEADER_BYTES);
    if (header.length < RECORD_HEADER_BYTES) fail("the file ends before its last record");
    // A length that is damaged is never read to its end: a record is only read where it fits.
    const claimed = new RecordReader(header).end(0);
    if (claimed > this.#byteLength - this.#offset) fail("the file ends within a record");
    const record = this.#read(claimed);
    if (new RecordReader(record).check(0) !== "intact") fail("a record's checksum does not hold");
    const payload = record.subarray(RECORD_HEADER_BYTES);
    const kind = payload[0];
    if (kind === END) return this.#finish(payload, record.length);
    this.#take(kind, payload);
    this.#records++;
    this.#passed(record);
    return null;
  }

  #take(kind: number | undefined, payload: Uint8Array): void {
    if (kind === HEAD && this.#head === null) {
      this.#head = this.#check(decodeHead(payload));
    } else if (kind === ITEMS && this.#head !== null && this.#kind <= ITEMS) {
      const reader = new ByteReader(decodeBlock(payload), "snapshot");
      while (!reader.isAtEnd) this.#builder.addItem(this.#item.read(reader));
    } else if (kind === ANSWERS && this.#head !== null) {
      const reader = new ByteReader(decodeBlock(payload), "snapshot");
      while (!reader.isAtEnd) this.#builder.addAnswer(readAnswer(reader));
    } else {
      fail("a record is out of order");
    }
    this.#kind = kind;
  }

  #check(head: SnapshotHead): SnapshotHead {
    const { clusterId, lastIndex, lastTerm } = this.#options.expected;
    if (clusterId !== undefined && head.clusterId !== clusterId) {
      fail(`it belongs to cluster ${head.clusterId}, not to ${clusterId}`);
    }
    const isDue =
      head.lastIndex === (lastIndex ?? head.lastIndex) &&
      head.lastTerm === (lastTerm ?? head.lastTerm);
    if (!isDue) fail(`it ends with entry ${head.lastIndex} of term ${head.lastTerm}`);
    return head;
  }

  #finish(payload: Uint8Array, byteLength: number): LoadedSnapshot<KvProjection> {
    const end = decodeEnd(payload);
    if (this.#head === null) fail("a record is out of order");
    if (end.records !== this.#records)
      fail(`it holds ${this.#records} records, not ${end.records}`);
    if (end.checksum !== this.#checksum) fail("the checksum of the whole does not hold");
    if (end.checksum !== (this.#options.expected.checksum ?? end.checksum)) {
      fail("it is whole, yet not the one that was announced");
    }
    if (this.#offset + byteLength !== this.#byteLength) fail("more follows the last record");
    this.#projection.restore(this.#builder.finish(this.#head));
    return { head: this.#head, state: this.#projection };
  }

  #read(length: number): Uint8Array {
    try {
      return this.#options.file.read(this.#offset, length);
    } catch (error) {
      // A sector that cannot be read is as good as one that was overwritten.
      return fail(`it cannot be read: ${error}`);
    }
  }

  #passed(bytes: Uint8Array): void {
    this.#checksum = crc32(bytes, this.#checksum);
    this.#offset += bytes.length;
  }

  #damaged(detail: string): SnapshotDamagedError {
    const { path } = this.#options.file;
    return new SnapshotDamagedError(`${path}: damaged at byte ${this.#offset} (${detail})`);
  }
}

/** Loads the whole at once, and tells what it is called. Errors: as `SnapshotLoader.step`. */
export function loadSnapshot(
  options: SnapshotLoaderOptions,
): LoadedSnapshot<KvProjection> & { readonly info: SnapshotInfo } {
  const loader = new SnapshotLoader(options);
  for (;;) {
    const loaded = loader.step();
    if (loaded !== null) return { ...loaded, info: loader.infoOf(loaded.head) };
  }
}

function fail(detail: string): never {
  throw new MalformedError("snapshot", detail);
}
