/** One connection, from its dial on: two ends, and a way in each direction once it is through. */
import type { ByteStream, StreamHandlers } from "../actors/stream";
import type { NodeId } from "../types";
import type { Life } from "./life";
import type { Seeded } from "./seeded";
import { OneWay, type Wire } from "./stream-way";

/** The process that holds an end. */
export interface Holder {
  readonly id: NodeId;
  readonly life: Life;
  /** The connection whose bytes it has read last. */
  reading: StreamConnection | null;
}

/** How a process leaves its end: with a reset, with all it had written, or without a word. */
export type Leaving = "reset" | "flushed" | "silent";

export class StreamConnection {
  readonly dialler: StreamEnd;
  /** null until the dial has arrived. */
  acceptor: StreamEnd | null = null;

  constructor(
    /** Counts dials: of two, the later has the higher number. */
    readonly number: number,
    dialler: Holder,
    readonly address: string,
    readonly random: Seeded,
  ) {
    this.dialler = new StreamEnd(this, dialler, address);
  }

  get isOver(): boolean {
    return this.dialler.isClosed && (this.acceptor?.isClosed ?? true);
  }

  /** Whether neither end has left it. */
  get isWhole(): boolean {
    return !this.dialler.isClosed && this.acceptor?.isClosed === false;
  }

  /** The dial has arrived. */
  reach(holder: Holder, wire: Wire): StreamEnd {
    const { dialler, number, random } = this;
    const acceptor = new StreamEnd(this, holder, `node ${dialler.id}, dial ${number}`);
    this.acceptor = acceptor;
    dialler.out = new OneWay(dialler, acceptor, wire, random);
    acceptor.out = new OneWay(acceptor, dialler, wire, random);
    return acceptor;
  }

  endsOf(life: Life): readonly StreamEnd[] {
    const { acceptor, dialler } = this;
    return [dialler, acceptor].filter((end) => end !== null).filter((end) => end.life === life);
  }
}

export class StreamEnd implements ByteStream {
  readonly id: NodeId;
  readonly life: Life;
  handlers: StreamHandlers | null = null;
  /** What this end writes; null before the dial is through. */
  out: OneWay | null = null;
  /** Whether its process knows that it is connected. */
  isAccepted = false;
  /** Nothing is heard or written here any more. */
  isClosed = false;
  #isEnded = false;

  constructor(
    readonly connection: StreamConnection,
    readonly holder: Holder,
    readonly remote: string,
  ) {
    this.id = holder.id;
    this.life = holder.life;
  }

  write(bytes: Uint8Array): number {
    return this.isClosed || this.#isEnded ? 0 : (this.out?.write(bytes) ?? 0);
  }

  end(): void {
    if (this.isClosed) return;
    this.#isEnded = true;
    this.out?.end();
  }

  terminate(): void {
    this.leave("reset");
  }

  /** The process is done with it, or is gone. */
  leave(how: Leaving): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.out?.onWriterGone(how);
  }

  /** The process that dialled learns that it is through. */
  open(): void {
    if (this.isClosed) return;
    this.isAccepted = true;
    this.handlers?.onOpen();
  }

  receive(chunk: Uint8Array): void {
    this.holder.reading = this.connection;
    this.handlers?.onData(chunk);
  }

  drained(): void {
    if (!this.isClosed) this.handlers?.onDrain();
  }

  /** The other end has closed behind all that it had written. */
  closeBehindPeer(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.out?.end();
    this.handlers?.onClose("closed by the peer");
  }

  /** The connection breaks as far as this end is concerned. */
  fail(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.out?.discard();
    this.handlers?.onClose(reason);
  }
}
