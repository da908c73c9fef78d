/**
 * The port to byte streams: TCP in production, lines of memory in the simulator. Frames, greetings
 * and links are built on it once, so both run the same code.
 */
import type { Address } from "../types";

/** One end of a connection. After it was closed by anyone every call is a no-op. */
export interface ByteStream {
  /** Who is at the other end, for people. */
  readonly remote: string;
  /**
   * Takes what it can and answers how many bytes that was; 0 when full. After a short answer
   * `onDrain` comes once there is room. `bytes` is not kept: the caller may reuse it at once.
   */
  write(bytes: Uint8Array): number;
  /** Closes behind what was taken so far: the other end still receives all of it. */
  end(): void;
  /** Closes at once, whatever is under way. A dial that is not through yet is given up. */
  terminate(): void;
}

/** What happens to a stream. Nothing is called after `onClose`, or after `terminate`. */
export interface StreamHandlers {
  /** The dial is through; never called for an accepted stream. */
  onOpen(): void;
  /** `bytes` belongs to the handler from then on. */
  onData(bytes: Uint8Array): void;
  onDrain(): void;
  /** Closed by the other end or by the network, or never opened; `reason` is for people. */
  onClose(reason: string): void;
}

export interface StreamListener {
  /** Where it really listens: the port is known even where 0 was asked for. */
  readonly address: Address;
  /** Accepts nothing more. Streams that were accepted stay. */
  stop(): void;
}

export interface StreamNetwork {
  /** Never throws and never calls a handler before it has returned. */
  dial(address: Address, handlers: StreamHandlers): ByteStream;
  /** Errors: `StartupError`, `port_in_use` or `bad_flag`. */
  listen(address: Address, accept: (stream: ByteStream) => StreamHandlers): StreamListener;
}
