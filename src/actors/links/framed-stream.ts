/**
 * Frames over one byte stream: what is sent in one turn of the loop leaves in one write, what the
 * stream does not take waits for its drain, and a malformed frame ends this stream only.
 */
import { type FrameLimits, FrameReader, type FrameType, FrameWriter } from "../../codec/frames";
import { MalformedError } from "../../codec/malformed";
import type { ByteStream, StreamHandlers } from "../stream";

export interface FrameHandlers {
  onOpen(): void;
  /** Once per chunk, before its frames: a sign of life. */
  onBytes(): void;
  /** Errors: a `MalformedError` thrown here ends the stream as a malformed frame does. */
  onFrame(type: FrameType, body: Uint8Array): void;
  /** The other end takes bytes again. */
  onDrained(): void;
  onClosed(reason: string): void;
  /** What came was malformed; the stream is closed already. */
  onFault(reason: string): void;
}

/** Runs `flush` once, soon. */
export type ScheduleFlush = (flush: () => void) => void;

export class FramedStream implements StreamHandlers {
  private readonly writer: FrameWriter;
  private readonly reader: FrameReader;
  private stream: ByteStream | null = null;
  private flushScheduled = false;
  /** The stream has said "no more": only its drain may continue. */
  private blocked = false;
  private finishing = false;
  private closed = false;

  constructor(
    private readonly owner: FrameHandlers,
    limits: FrameLimits & { readonly greetingBytesMax: number },
    private readonly scheduleFlush: ScheduleFlush,
  ) {
    this.writer = new FrameWriter(limits);
    this.reader = new FrameReader(limits.greetingBytesMax);
  }

  /** Gives it the stream that it handles. */
  attach(stream: ByteStream): this {
    this.stream = stream;
    return this;
  }

  /** Lets frames of any permitted size in: the other end is no stranger any more. */
  trust(frameBytesMax: number): void {
    this.reader.bodyBytesMax = frameBytesMax;
  }

  /** Queues one frame. False when it was dropped: closed, too large, or the queue is full. */
  send(type: FrameType, body?: Uint8Array): boolean {
    if (this.closed || this.finishing) return false;
    if (!this.writer.append(type, body)) return false;
    if (!this.flushScheduled && !this.blocked) {
      this.flushScheduled = true;
      this.scheduleFlush(() => this.flush());
    }
    return true;
  }

  /** Closes once what is queued has been taken: closing before would lose the tail. */
  finish(): void {
    this.finishing = true;
    if (!this.blocked) this.flush();
  }

  /** Closes at once; nothing is called any more. */
  drop(): void {
    if (this.closed) return;
    this.closed = true;
    this.stream?.terminate();
  }

  onOpen(): void {
    if (!this.closed) this.owner.onOpen();
  }

  onData(bytes: Uint8Array): void {
    if (this.closed) return;
    this.owner.onBytes();
    try {
      this.reader.read(bytes, (type, body) => {
        this.owner.onFrame(type, body);
        return !this.closed;
      });
    } catch (error) {
      // Bad bytes are the other end's fault; anything else is ours and must not be hidden.
      if (!(error instanceof MalformedError)) throw error;
      this.drop();
      this.owner.onFault(error.message);
    }
  }

  onDrain(): void {
    if (this.closed || !this.blocked) return;
    this.blocked = false;
    this.flush();
    this.owner.onDrained();
  }

  onClose(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.owner.onClosed(reason);
  }

  private flush(): void {
    this.flushScheduled = false;
    const { stream } = this;
    if (this.closed || this.blocked || stream === null) return;
    this.blocked = !this.writer.flush((bytes) => stream.write(bytes));
    if (this.finishing && !this.blocked) stream.end();
  }
}
