/**
 * Frames: how messages lie on a byte stream.
 *
 * ```
 * 0       2         3        7      8        12
 * | magic | version | CRC-32 | type | length | body …
 * ```
 *
 * Numbers are big-endian; `length` counts the body; the checksum covers all that follows it, so a
 * flipped type or length is seen as well as a flipped body. A frame that is not exactly this ends
 * the link that carried it: behind a bad length nothing can be trusted to be the start of a frame.
 */
import { crc32 } from "./crc32";
import { MalformedError } from "./malformed";

export const frameMagic = 0xba15;
export const frameVersion = 1;
/** Units: bytes. */
export const frameHeaderBytes = 12;
const at = { magic: 0, version: 2, checksum: 3, type: 7, length: 8 } as const;

export const frameTypes = {
  hello: 1,
  helloAccepted: 2,
  refused: 3,
  message: 4,
  ping: 5,
  pong: 6,
} as const;
export type FrameType = keyof typeof frameTypes;

/** Bounds on what a stream may make us hold. Units: bytes. */
export interface FrameLimits {
  /** Largest body of one frame. */
  readonly frameBytesMax: number;
  /** Most that messages may wait to be written to one peer. */
  readonly queueBytesMax: number;
}
/** What greetings, pings and pongs may queue beyond it: a full queue must not look like death. */
export const controlBytesReserve = 64 * 1024;
export const defaultFrameLimits: FrameLimits = {
  frameBytesMax: 8 * 1024 * 1024,
  queueBytesMax: 32 * 1024 * 1024,
};

const typeNames: readonly (FrameType | undefined)[] = [
  undefined,
  "hello",
  "helloAccepted",
  "refused",
  "message",
  "ping",
  "pong",
];

/** What a header says of the frame it stands before. */
interface FrameHeader {
  readonly type: FrameType;
  readonly bodyBytes: number;
  readonly checksum: number;
}

/** Called for each whole frame; false stops the reading of this chunk. */
export type FrameListener = (type: FrameType, body: Uint8Array) => boolean;

/** Bytes a buffer starts with, and is given back down to after a burst. */
const bufferBytesMin = 16 * 1024;
const bufferBytesKept = 1024 * 1024;

/**
 * Lays frames one behind the other into one buffer until a stream takes them.
 * Invariant: what waits is `buffer[start … end)`, bounded by `queueBytesMax` and the reserve.
 */
export class FrameWriter {
  private buffer = new Uint8Array(bufferBytesMin);
  private view = new DataView(this.buffer.buffer);
  private start = 0;
  private end = 0;

  constructor(private readonly limits: FrameLimits = defaultFrameLimits) {}

  /** Units: bytes. */
  get pendingBytes(): number {
    return this.end - this.start;
  }

  /** Queues one frame, or answers false where a limit forbids it. The body is copied. */
  append(type: FrameType, body: Uint8Array = noBody): boolean {
    const frameBytes = frameHeaderBytes + body.length;
    if (body.length > this.limits.frameBytesMax) return false;
    const reserve = type === "message" ? 0 : controlBytesReserve;
    if (this.pendingBytes + frameBytes > this.limits.queueBytesMax + reserve) return false;
    this.makeRoom(frameBytes);
    const { view, end } = this;
    view.setUint16(end + at.magic, frameMagic);
    view.setUint8(end + at.version, frameVersion);
    view.setUint8(end + at.type, frameTypes[type]);
    view.setUint32(end + at.length, body.length);
    this.buffer.set(body, end + frameHeaderBytes);
    this.end = end + frameBytes;
    view.setUint32(end + at.checksum, crc32(this.buffer.subarray(end + at.type, this.end)));
    return true;
  }

  /**
   * Offers what waits to `write`, which answers how many bytes it took; the rest stays queued.
   * True when nothing waits any more.
   */
  flush(write: (bytes: Uint8Array) => number): boolean {
    if (this.pendingBytes > 0) this.start += write(this.buffer.subarray(this.start, this.end));
    if (this.start < this.end) return false;
    this.start = 0;
    this.end = 0;
    if (this.buffer.length > bufferBytesKept) this.replaceBuffer(bufferBytesMin);
    return true;
  }

  private makeRoom(bytes: number): void {
    if (this.end + bytes <= this.buffer.length) return;
    const needed = this.pendingBytes + bytes;
    // Moving the tail to the front is worth it only where that frees at least half.
    if (needed * 2 <= this.buffer.length) {
      this.buffer.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
      return;
    }
    this.replaceBuffer(Math.max(needed * 2, bufferBytesMin));
  }

  private replaceBuffer(capacity: number): void {
    const waiting = this.buffer.subarray(this.start, this.end);
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
    this.buffer.set(waiting);
    this.end = waiting.length;
    this.start = 0;
  }
}

/**
 * Cuts a stream of chunks back into frames. A frame that lies whole in one chunk is a view on that
 * chunk; only one that spans chunks is gathered, in a buffer that grows with what has really
 * arrived, never with what a header claims.
 */
export class FrameReader {
  private gathered = new Uint8Array(0);
  private gatheredBytes = 0;

  /** `bodyBytesMax` may be changed between chunks: strangers get little. */
  constructor(public bodyBytesMax: number = defaultFrameLimits.frameBytesMax) {}

  /**
   * Reads all frames that `chunk` completes. Bodies are views that live as long as their owner
   * keeps them. Errors: `MalformedError`; the reader is of no use after.
   */
  read(chunk: Uint8Array, onFrame: FrameListener): void {
    let rest = chunk;
    if (this.gatheredBytes > 0) {
      const taken = this.gather(rest);
      if (taken === null) return;
      rest = rest.subarray(taken);
      const frame = this.gathered.subarray(0, this.gatheredBytes);
      // The frame's views own the buffer now: the next spanning frame gets a new one.
      this.gathered = new Uint8Array(0);
      this.gatheredBytes = 0;
      if (!deliver(this.header(frame), frame, onFrame)) return;
    }
    while (rest.length >= frameHeaderBytes) {
      const header = this.header(rest);
      const frameBytes = frameHeaderBytes + header.bodyBytes;
      if (rest.length < frameBytes) break;
      if (!deliver(header, rest.subarray(0, frameBytes), onFrame)) return;
      rest = rest.subarray(frameBytes);
    }
    if (rest.length > 0) this.keep(rest);
  }

  /** Adds from `chunk` to the gathered frame; how much it took to complete it, else null. */
  private gather(chunk: Uint8Array): number | null {
    let taken = 0;
    if (this.gatheredBytes < frameHeaderBytes) {
      const missing = frameHeaderBytes - this.gatheredBytes;
      taken = Math.min(missing, chunk.length);
      this.keep(chunk.subarray(0, taken));
      if (taken < missing) return null;
    }
    const frameBytes = frameHeaderBytes + this.header(this.gathered).bodyBytes;
    const missing = frameBytes - this.gatheredBytes;
    const more = Math.min(missing, chunk.length - taken);
    this.keep(chunk.subarray(taken, taken + more));
    return more < missing ? null : taken + more;
  }

  private keep(bytes: Uint8Array): void {
    const needed = this.gatheredBytes + bytes.length;
    if (needed > this.gathered.length) {
      const grown = new Uint8Array(Math.max(needed, this.gathered.length * 2, 256));
      grown.set(this.gathered.subarray(0, this.gatheredBytes));
      this.gathered = grown;
    }
    this.gathered.set(bytes, this.gatheredBytes);
    this.gatheredBytes = needed;
  }

  private header(bytes: Uint8Array): FrameHeader {
    const view = new DataView(bytes.buffer, bytes.byteOffset, frameHeaderBytes);
    if (view.getUint16(at.magic) !== frameMagic) throw new MalformedError("frame", "no magic");
    const version = view.getUint8(at.version);
    if (version !== frameVersion) throw new MalformedError("frame", `version ${version}`);
    const typeNumber = view.getUint8(at.type);
    const type = typeNames[typeNumber];
    if (type === undefined) throw new MalformedError("frame", `type ${typeNumber}`);
    const bodyBytes = view.getUint32(at.length);
    if (bodyBytes > this.bodyBytesMax) {
      const detail = `${bodyBytes} bytes where at most ${this.bodyBytesMax} are taken`;
      throw new MalformedError("frame", detail);
    }
    return { type, bodyBytes, checksum: view.getUint32(at.checksum) };
  }
}

function deliver(header: FrameHeader, frame: Uint8Array, onFrame: FrameListener): boolean {
  if (crc32(frame.subarray(at.type)) !== header.checksum) {
    throw new MalformedError("frame", "wrong checksum");
  }
  return onFrame(header.type, frame.subarray(frameHeaderBytes));
}

const noBody = new Uint8Array(0);
