import type { Clock } from "../../../src/actors/clock";
import type {
  ByteStream,
  StreamHandlers,
  StreamListener,
  StreamNetwork,
} from "../../../src/actors/stream";
import { randomFrom, type SeededRandom } from "../../seeded-random";

/** How a line of memory behaves. */
export interface LineBehaviour {
  /** Bytes a line holds before it says "full". */
  readonly capacity: number;
  /** Largest piece a write may take, and largest chunk that arrives; random up to it. */
  readonly pieceMax: number;
}

type Accept = (stream: ByteStream) => StreamHandlers;

/** TCP in memory: random chunks, partial writes, refusals, silence, resets. Seeded. */
export class MemoryNetwork implements StreamNetwork {
  readonly lines: MemoryLine[] = [];
  readonly dials: string[] = [];
  behaviour: LineBehaviour = { capacity: 64 * 1024, pieceMax: 4 * 1024 };
  /** Dials go nowhere: neither accepted nor refused. */
  swallowsDials = false;
  private readonly listeners = new Map<string, Accept>();
  private readonly random: SeededRandom;

  constructor(
    readonly clock: Clock,
    seed: number,
  ) {
    this.random = randomFrom(seed);
  }

  dial(address: string, handlers: StreamHandlers): ByteStream {
    this.dials.push(address);
    const line = new MemoryLine(this.clock, this.random, this.behaviour);
    line.dialler.remote = address;
    line.dialler.handlers = handlers;
    this.clock.defer(() => {
      if (line.dead || this.swallowsDials) return;
      const accept = this.listeners.get(address);
      if (accept === undefined) return line.breakOff("connection refused");
      this.lines.push(line);
      line.acceptor.handlers = accept(line.acceptor);
      if (!line.dead) handlers.onOpen();
    });
    return line.dialler;
  }

  listen(address: string, accept: Accept): StreamListener {
    this.listeners.set(address, accept);
    return { address, stop: () => this.listeners.delete(address) };
  }
}

/** One connection: two ends, and bytes under way in both directions. */
export class MemoryLine {
  readonly dialler = new MemoryEnd(this, "dialler");
  readonly acceptor = new MemoryEnd(this, "acceptor");
  dead = false;
  /** Nothing arrives any more, not even the news that the other end is gone. */
  mute = false;

  constructor(
    readonly clock: Clock,
    readonly random: SeededRandom,
    readonly behaviour: LineBehaviour,
  ) {}

  other(end: MemoryEnd): MemoryEnd {
    return end === this.dialler ? this.acceptor : this.dialler;
  }

  /** The connection ends for both, whatever is under way. */
  breakOff(reason: string, except?: MemoryEnd): void {
    if (this.dead) return;
    this.dead = true;
    for (const end of [this.dialler, this.acceptor]) {
      if (end === except || this.mute) continue;
      this.clock.defer(() => end.handlers?.onClose(reason));
    }
  }
}

class MemoryEnd implements ByteStream {
  remote = "memory";
  handlers: StreamHandlers | null = null;
  /** On its way to the other end. */
  private underWay: Uint8Array[] = [];
  private bytesUnderWay = 0;
  private wantsDrain = false;
  private ended = false;
  private carrying = false;

  constructor(
    private readonly line: MemoryLine,
    readonly side: string,
  ) {}

  write(bytes: Uint8Array): number {
    const { line } = this;
    if (line.dead || this.ended) return 0;
    const room = line.behaviour.capacity - this.bytesUnderWay;
    const taken = Math.min(bytes.length, room, 1 + line.random.below(line.behaviour.pieceMax));
    if (taken > 0) this.underWay.push(bytes.slice(0, taken));
    this.bytesUnderWay += taken;
    if (taken < bytes.length) this.wantsDrain = true;
    this.carry();
    return taken;
  }

  end(): void {
    this.ended = true;
    this.carry();
  }

  terminate(): void {
    this.line.breakOff("connection reset", this);
  }

  private carry(): void {
    if (this.carrying) return;
    this.carrying = true;
    this.line.clock.defer(() => {
      this.carrying = false;
      this.deliver();
    });
  }

  private deliver(): void {
    const { line } = this;
    if (line.dead || line.mute) return;
    const waiting = this.underWay[0];
    if (waiting === undefined) {
      if (this.ended) line.breakOff("closed by the peer");
      return;
    }
    const chunk = waiting.slice(0, 1 + line.random.below(line.behaviour.pieceMax));
    if (chunk.length === waiting.length) this.underWay.shift();
    else this.underWay[0] = waiting.slice(chunk.length);
    this.bytesUnderWay -= chunk.length;
    line.other(this).handlers?.onData(chunk);
    if (this.wantsDrain && !line.dead) {
      this.wantsDrain = false;
      this.handlers?.onDrain();
    }
    this.carry();
  }
}
