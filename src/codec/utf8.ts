/**
 * Text within bytes, at a place: by Bun's `Buffer` where it exists, for it needs no view for each
 * text and takes half the time, else as browsers do it.
 */
const encoder = new TextEncoder();
/** A byte order mark is a character like any other. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A UTF-16 unit takes at most three bytes of UTF-8. */
export const UTF8_BYTES_PER_UNIT_MAX = 3;

type Write = (bytes: Uint8Array, text: string, at: number) => number;
type Read = (bytes: Uint8Array, start: number, end: number) => string;

/** The same without `Buffer`; the two are compared by test. */
export const writeUtf8ByEncoder: Write = (bytes, text, at) =>
  encoder.encodeInto(text, bytes.subarray(at)).written;
export const readUtf8ByDecoder: Read = (bytes, start, end) =>
  decoder.decode(bytes.subarray(start, end));

const hasBuffer = typeof Buffer !== "undefined";

/** Writes well-formed text and returns how many bytes it took; there must be room for all. */
export const writeUtf8: Write = hasBuffer
  ? (bytes, text, at) => Buffer.prototype.write.call(bytes, text, at, "utf8")
  : writeUtf8ByEncoder;

/** Writes text to the beginning, if all of it is ASCII; else something, and false. */
export const writeAscii = (bytes: Uint8Array, text: string): boolean =>
  // Text that is not takes more bytes than it has units, so the room ends before it does.
  encoder.encodeInto(text, bytes.subarray(0, text.length)).read === text.length;

/** The text whose UTF-8 stands from `start` up to, excluding, `end`. */
export const readUtf8: Read = hasBuffer
  ? (bytes, start, end) => Buffer.prototype.toString.call(bytes, "utf8", start, end)
  : readUtf8ByDecoder;

/** The same for text known to be ASCII, where each byte is a character. */
export const readAscii: Read = hasBuffer
  ? (bytes, start, end) => Buffer.prototype.toString.call(bytes, "latin1", start, end)
  : readUtf8ByDecoder;
