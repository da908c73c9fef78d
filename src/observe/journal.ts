/**
 * Keeps transitions on disk, so that a restart does not forget the story. It is a diary and not the
 * log: written behind the turn of the loop that it tells of, never synced, cut quietly where it is
 * damaged. What goes wrong with it ends the journal, never the node.
 *
 * Two segments, the older one whole: when the newer is full, the older goes.
 */
import type { Clock } from "../actors/clock";
import type { Logger } from "../actors/logger";
import { writeWhole } from "../store/durable-file";
import type { File, FileSystem } from "../store/ports";
import { encodeTransition, readSegment, SEGMENT_HEAD } from "./journal-format";
import type { Transition } from "./transition";

/** Of one segment: about as much as a ring holds. **Units**: bytes. */
export const JOURNAL_SEGMENT_BYTES_MAX = 512 * 1024;
/** The present one, and the one before. */
const SEGMENTS_KEPT = 2;
const NAME = /^journal-(\d{1,15})$/;

export interface JournalOptions {
  /** The node's own directory, which is locked already. */
  readonly files: FileSystem;
  readonly clock: Pick<Clock, "defer">;
  readonly logger: Logger;
  readonly segmentBytesMax?: number;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #segmentBytesMax: number;
  #found: Transition[] = [];
  /** The one that is written; null before the first record, and when the journal is off. */
  #file: File | null = null;
  #number = 0;
  #end = 0;
  #waiting: Uint8Array[] = [];
  #isOff = false;

  /** Reads what is there. Never fails: without a journal it begins with nothing. */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#segmentBytesMax = options.segmentBytesMax ?? JOURNAL_SEGMENT_BYTES_MAX;
    this.#try(() => this.#open());
  }

  /** What earlier starts have left, oldest first; to be taken once. */
  takeFound(): readonly Transition[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }
  /** False once it is given up. */
  get isOn(): boolean {
    return !this.#isOff;
  }

  /** Written at the end of this turn of the loop. */
  add(transition: Transition): void {
    if (this.#isOff) return;
    this.#waiting.push(encodeTransition(transition));
    if (this.#waiting.length === 1) this.#options.clock.defer(() => this.#flush());
  }

  /** Writes what waits; nothing after it is kept. */
  close(): void {
    this.#flush();
    this.#isOff = true;
    this.#file?.close();
    this.#file = null;
  }

  #flush(): void {
    if (this.#isOff) return;
    const records = this.#waiting;
    this.#waiting = [];
    this.#try(() => this.#write(records));
  }

  #write(records: readonly Uint8Array[]): void {
    for (const record of records) {
      if (this.#file === null || this.#end + record.length > this.#segmentBytesMax) this.#roll();
      const file = this.#file;
      if (file === null) return;
      writeWhole(file, this.#end, record);
      this.#end += record.length;
    }
  }

  #open(): void {
    const { files } = this.#options;
    for (const { name, number } of this.#segments()) {
      const file = files.open(name, { create: false });
      const bytes = file.read(0, Math.min(file.size(), this.#segmentBytesMax));
      const read = readSegment(bytes, files.describe(name));
      this.#file?.close();
      this.#number = number;
      this.#take(read?.transitions ?? []);
      const isWhole = read !== null && read.end === file.size();
      // Behind damage nothing is ever written: it begins anew.
      this.#file = isWhole ? file : null;
      this.#end = read?.end ?? 0;
      if (!isWhole) file.close();
    }
  }

  /** What a damaged segment lacks may make the next one begin with what is known already. */
  #take(transitions: readonly Transition[]): void {
    const last = this.#found.at(-1)?.seq ?? 0;
    for (const transition of transitions) {
      if (transition.seq > last) this.#found.push(transition);
    }
  }

  #roll(): void {
    const { files } = this.#options;
    this.#file?.close();
    this.#file = null;
    this.#number += 1;
    const old = this.#segments().filter(({ number }) => number <= this.#number - SEGMENTS_KEPT);
    for (const { name } of old) files.remove(name);
    this.#file = files.open(`journal-${this.#number}`, { create: true });
    writeWhole(this.#file, 0, SEGMENT_HEAD);
    this.#end = SEGMENT_HEAD.length;
  }

  #segments(): readonly { readonly name: string; readonly number: number }[] {
    return this.#options.files
      .list()
      .flatMap((name) => {
        const number = NAME.exec(name)?.[1];
        return number === undefined ? [] : [{ name, number: Number(number) }];
      })
      .sort((a, b) => a.number - b.number);
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#isOff = true;
      this.#waiting = [];
      this.#file = null;
      const what = "the journal of transitions is off until the next start";
      this.#options.logger("warn", what, { why: String(error) });
    }
  }
}
