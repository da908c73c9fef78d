/**
 * Term and vote, in two slots that are overwritten in turn: a torn write never touches the other
 * slot, and a full disk never stops a vote. Once a vote is durable in one slot it is copied to the
 * other in the background, so that a slot that rots at rest does not take the vote with it.
 *
 * The slots also carry what else must survive with little room: the incarnation, and the log's
 * durable mark, repeated lazily.
 */
import { assert } from "../assert";
import { FatalError } from "../errors";
import type { HardState } from "../types";
import { replaceFile, writeWhole } from "./durable-file";
import { REPLACE_THIS_NODE, syncFailed, writeFailed } from "./fatal";
import {
  type DurableMark,
  decodeSlot,
  encodeSlot,
  initialSlot,
  type Slot,
} from "./hard-state-slot";
import type { File, FileSystem } from "./ports";
import { encodePreamble, hasPreamble, PREAMBLE_BYTES } from "./preamble";

const FORMAT = { magic: "BALSAHRD", version: 1 } as const;
export const HARD_STATE_FILE = "hard-state.balsa";

/** Each slot has a page of its own, for a torn write can spoil the whole page. Units: bytes. */
const PAGE_BYTES = 4096;
export const slotOffset = (place: number): number => PAGE_BYTES * (1 + place);
const FILE_BYTES = slotOffset(2);

export class HardStateFile {
  /** What the next write will say: newer than the durable slot while one is waiting. */
  #next: Slot;
  /** Waiting for the next write; null when there is nothing new to write. */
  #waiting: (() => void)[] | null = null;
  /** The last written slot's bytes while its copy is due. */
  #uncopied: Uint8Array | null = null;
  #syncing = false;
  #failed = false;
  #whenIdle: (() => void) | null = null;
  syncs = 0;

  private constructor(
    private readonly file: File,
    private readonly path: string,
    slot: Slot,
    /** Which of the two slots holds the durable state: 0 or 1. It is never the next one written. */
    private place: number,
    private readonly onFatal: (error: FatalError) => void,
  ) {
    this.#next = slot;
  }

  /** Creates the file of a node that has never voted, durably. */
  static create(fileSystem: FileSystem): void {
    const bytes = new Uint8Array(FILE_BYTES);
    bytes.set(encodePreamble(FORMAT));
    bytes.set(encodeSlot(initialSlot), slotOffset(0));
    bytes.set(encodeSlot(initialSlot), slotOffset(1));
    replaceFile(fileSystem, HARD_STATE_FILE, [bytes]);
  }

  /** Errors: `FatalError` `hard_state_corrupted` when neither slot can be read. */
  static open(fileSystem: FileSystem, onFatal: (error: FatalError) => void): HardStateFile {
    const path = fileSystem.describe(HARD_STATE_FILE);
    if (!fileSystem.exists(HARD_STATE_FILE)) throw unreadable(path, "the file is missing");
    const file = fileSystem.open(HARD_STATE_FILE, { create: false });
    const slots = [0, 1].map((place) => decodeSlot(file.read(slotOffset(place), PAGE_BYTES)));
    const newest = (slots[1]?.sequence ?? 0) > (slots[0]?.sequence ?? 0) ? 1 : 0;
    const slot = slots[newest];
    if (!slot || !hasPreamble(file.read(0, PREAMBLE_BYTES), FORMAT, path)) {
      file.close();
      throw unreadable(path, "both copies of term and vote are damaged");
    }
    return new HardStateFile(file, path, slot, newest, onFatal);
  }

  get slot(): Slot {
    return this.#next;
  }

  /** Whether everything it was told is durable. */
  get isDurable(): boolean {
    return !this.#syncing && this.#waiting === null;
  }

  /** Writes term and vote, along with whatever `note` was told; `done` once durable. */
  persist(hardState: HardState, done: () => void): void {
    const before = this.#next.hardState;
    assert(hardState.term >= before.term, "the term never goes back");
    assert(
      hardState.term > before.term ||
        before.votedFor === null ||
        before.votedFor === hardState.votedFor,
      "a vote is never changed within its term (Raft §5.2)",
    );
    this.#next = { ...this.#next, hardState };
    this.#waiting ??= [];
    this.#waiting.push(done);
    this.#write();
  }

  /** Takes the log's durable mark along with the next write. */
  note(mark: DurableMark): void {
    const forgottenUpTo = this.#next.forgottenUpTo;
    const caughtUp = forgottenUpTo !== null && mark.index >= forgottenUpTo;
    this.#next = { ...this.#next, mark, forgottenUpTo: caughtUp ? null : forgottenUpTo };
  }

  /**
   * Begins to write that nothing is forgotten any more, along with the log's mark: from here on
   * that is what a log cut short is held against.
   */
  clearForgotten(): void {
    if (this.#next.forgottenUpTo === null) return;
    this.#next = { ...this.#next, forgottenUpTo: null };
    this.repeatMark();
  }

  /** Begins to write what was noted, without anybody waiting for it. */
  repeatMark(): void {
    this.#waiting ??= [];
    this.#write();
  }

  /** Changes and writes both slots, blocking: at start and at the end. */
  writeNow(change: Partial<Slot>): void {
    assert(!this.#syncing, "no write is under way");
    this.#next = { ...this.#next, ...change };
    const bytes = this.#encodeNext();
    try {
      for (const place of [1 - this.place, this.place]) {
        writeWhole(this.file, slotOffset(place), bytes);
        this.file.dataSync();
        this.syncs++;
      }
    } catch (error) {
      throw syncFailed(this.path, error);
    }
    this.place = 1 - this.place;
  }

  /** Calls back once no write is under way or due. Never after a failure. */
  whenIdle(callback: () => void): void {
    this.#whenIdle = callback;
    this.#write();
  }

  close(): void {
    this.#failed = true;
    this.file.close();
  }

  #write(): void {
    if (this.#syncing || this.#failed) return;
    if (this.#waiting) {
      const waiting = this.#waiting;
      this.#waiting = null;
      const bytes = this.#encodeNext();
      this.#writeSlot(bytes, () => {
        this.place = 1 - this.place;
        this.#uncopied = waiting.length > 0 ? bytes : null;
        for (const done of waiting) done();
      });
    } else if (this.#uncopied) {
      const bytes = this.#uncopied;
      this.#uncopied = null;
      this.#writeSlot(bytes, () => {});
    } else {
      const callback = this.#whenIdle;
      this.#whenIdle = null;
      callback?.();
    }
  }

  /** Writes the slot that does not hold the durable state. */
  #writeSlot(bytes: Uint8Array, done: () => void): void {
    try {
      writeWhole(this.file, slotOffset(1 - this.place), bytes);
    } catch (error) {
      this.#fail(writeFailed(this.path, error));
      return;
    }
    this.#syncing = true;
    this.file.startDataSync((error) => {
      this.#syncing = false;
      if (this.#failed) return;
      if (error) {
        this.#fail(syncFailed(this.path, error));
        return;
      }
      this.syncs++;
      done();
      this.#write();
    });
  }

  #encodeNext(): Uint8Array {
    this.#next = { ...this.#next, sequence: this.#next.sequence + 1 };
    return encodeSlot(this.#next);
  }

  #fail(error: FatalError): void {
    this.#failed = true;
    this.onFatal(error);
  }
}

function unreadable(path: string, reason: string): FatalError {
  return new FatalError("hard_state_corrupted", `${path}: ${reason}, a vote may be forgotten`, {
    file: path,
    nextStep: REPLACE_THIS_NODE,
  });
}
