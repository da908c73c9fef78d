/**
 * One direction of a connection: what one end has written and the other has not read yet. Bytes
 * arrive in order, in chunks whose borders chance draws, as late as the network makes them; what
 * cannot arrive is sent again until it can, or until one of the ends gives the connection up.
 */
import type { NodeId } from "../types";
import type { Life } from "./life";
import type { NetworkFaults } from "./network";
import type { Seeded } from "./seeded";
import type { Leaving, StreamEnd } from "./stream-connection";
import type { Scheduled, VirtualClock } from "./virtual-clock";

/** What carries connections. */
export interface Wire {
  readonly clock: VirtualClock;
  readonly faults: NetworkFaults;
  isCut(from: NodeId, to: NodeId): boolean;
  clogMs(from: NodeId, to: NodeId): number;
  /** Whether the machine is without power: it does not even answer that nobody is there. */
  isDark(id: NodeId): boolean;
  /** Does something to a process, in this event; one that is paused finds it when it goes on. */
  happenTo(life: Life, work: () => void): void;
}

/** How often bytes are sent that nobody acknowledges. Source: Linux, TCP_RTO_MIN. Units: ms. */
export const RETRANSMIT_MS = 200;
/** How often what arrives is cut somewhere, though it could come whole. */
const SPLIT_PROBABILITY = 0.3;
/** Chunks of what was written at once follow each other faster than the first came. */
const CHUNK_SPEEDUP = 10;

export class OneWay {
  #pieces: Uint8Array[] = [];
  /** Written, and not read yet. */
  #waitingBytes = 0;
  /** Read, but the news of it cannot come back: still in the way of more. */
  #unacknowledgedBytes = 0;
  /** The writer has closed behind what waits. */
  #isEnding = false;
  /** The writer was told that it is full. */
  #isAwaited = false;
  /** The next attempt to get something across; null while there is nothing to do. */
  #attempt: Scheduled | null = null;

  constructor(
    readonly from: StreamEnd,
    readonly to: StreamEnd,
    private readonly wire: Wire,
    private readonly random: Seeded,
  ) {}

  /** Takes what there is room for. Units: bytes. */
  write(bytes: Uint8Array): number {
    const taken = Math.max(0, Math.min(bytes.length, this.#roomBytes));
    if (taken > 0) this.#pieces.push(bytes.slice(0, taken));
    this.#waitingBytes += taken;
    this.#isAwaited = taken < bytes.length;
    this.#tryIn(this.delayMs());
    return taken;
  }

  /** Closes behind what was taken. */
  end(): void {
    this.#isEnding = true;
    this.#tryIn(this.delayMs());
  }

  /** The writer's end is gone: what has not arrived never will. */
  discard(): void {
    this.#pieces = [];
    this.#waitingBytes = 0;
    this.#unacknowledgedBytes = 0;
    this.#isEnding = false;
    this.#isAwaited = false;
  }

  /**
   * Its process is gone, or has given it up. What is on its way may still arrive, but is not sent
   * again; nor is the reset.
   */
  onWriterGone(how: Leaving): void {
    const { from, to, wire } = this;
    to.out?.onReaderGone();
    if (how === "flushed") {
      this.end();
      return;
    }
    wire.clock.schedule(this.delayMs(), () => {
      this.discard();
      if (how === "reset" && !wire.isCut(from.id, to.id)) this.#breakOff(to);
    });
  }

  /** What waited for the reader is tried again, until somebody answers for it. */
  onReaderGone(): void {
    if (this.#attempt) this.#attempt.isCancelled = true;
    this.#attempt = null;
    this.#tryIn(RETRANSMIT_MS);
  }

  /** How long something that leaves now takes to arrive. Units: ms. */
  delayMs(): number {
    const { faults } = this.wire;
    const delayMs = this.random.exponential(faults.delayMsMean);
    return Math.max(delayMs, this.wire.clogMs(this.from.id, this.to.id));
  }

  get #roomBytes(): number {
    return this.wire.faults.sendBufferBytesMax - this.#waitingBytes - this.#unacknowledgedBytes;
  }

  get #isIdle(): boolean {
    return this.#waitingBytes === 0 && this.#unacknowledgedBytes === 0 && !this.#isEnding;
  }

  #tryIn(ms: number): void {
    if (this.#attempt !== null || this.#isIdle) return;
    this.#attempt = this.wire.clock.schedule(ms, () => this.#try());
  }

  #try(): void {
    this.#attempt = null;
    if (this.#isIdle) return;
    const { clock } = this.wire;
    const { to } = this;
    const heldMs = this.#heldMs();
    if (heldMs > 0) this.#tryIn(heldMs);
    else if (to.isClosed) this.#bounce();
    // Bytes wait in the socket of a paused process, and of one that has not accepted yet.
    else if (to.life.isPaused) this.#attempt = clock.schedule(0, () => this.#try(), to.life);
    else if (!to.isAccepted) this.#tryIn(this.delayMs());
    else to.life.run(() => this.#arrive());
  }

  /** Why nothing gets across now, in time until it is worth another attempt. Units: ms. */
  #heldMs(): number {
    const { from, to, wire } = this;
    if (wire.isCut(from.id, to.id) || wire.isDark(to.id)) return RETRANSMIT_MS;
    if (this.random.chance(wire.faults.dropProbability)) return RETRANSMIT_MS;
    return wire.clogMs(from.id, to.id);
  }

  /** Nobody is there any more, and the machine says so, if it can. */
  #bounce(): void {
    const { from, to, wire } = this;
    if (from.isClosed) this.discard();
    else if (wire.isCut(to.id, from.id)) this.#tryIn(RETRANSMIT_MS);
    else this.#breakOff(from);
  }

  #breakOff(end: StreamEnd): void {
    this.wire.happenTo(end.life, () => end.fail("connection reset"));
  }

  #arrive(): void {
    const { from, to, wire } = this;
    if (!wire.isCut(to.id, from.id)) this.#unacknowledgedBytes = 0;
    if (this.#waitingBytes > 0) to.receive(this.#nextChunk());
    else if (this.#isEnding) {
      this.discard();
      to.closeBehindPeer();
    }
    this.#tellRoom();
    const isStuck = this.#waitingBytes === 0 && this.#unacknowledgedBytes > 0;
    this.#tryIn(isStuck ? RETRANSMIT_MS : this.delayMs() / CHUNK_SPEEDUP);
  }

  #nextChunk(): Uint8Array {
    const { from, random, to, wire } = this;
    const most = Math.min(this.#waitingBytes, wire.faults.chunkBytesMax);
    const bytes = random.chance(SPLIT_PROBABILITY) ? random.whole(1, most) : most;
    const chunk = new Uint8Array(bytes);
    for (let filled = 0; filled < bytes; ) {
      const piece = this.#pieces[0];
      if (piece === undefined) break;
      const part = piece.subarray(0, bytes - filled);
      chunk.set(part, filled);
      filled += part.length;
      if (part.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(part.length);
    }
    this.#waitingBytes -= bytes;
    if (wire.isCut(to.id, from.id)) this.#unacknowledgedBytes += bytes;
    return chunk;
  }

  #tellRoom(): void {
    if (!this.#isAwaited || this.#roomBytes <= 0) return;
    this.#isAwaited = false;
    const { clock } = this.wire;
    clock.schedule(this.delayMs(), () => this.from.drained(), this.from.life);
  }
}
