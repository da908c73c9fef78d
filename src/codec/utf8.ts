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
  ? (bytes, text, at) =>
      writeShortAscii(bytes, text, at)
        ? text.length
        : Buffer.prototype.write.call(bytes, text, at, "utf8")
  : writeUtf8ByEncoder;

/** Up to so many characters, most keys that is, ASCII takes less here than by a call. */
const SHORT_TEXT_MAX = 48;

/** Writes text, if it is short and all of it is ASCII; else something, and false. */
function writeShortAscii(bytes: Uint8Array, text: string, at: number): boolean {
  if (text.length > SHORT_TEXT_MAX) return false;
  let units = 0;
  for (let place = 0; place < text.length; place++) {
    const unit = text.charCodeAt(place);
    units |= unit;
    bytes[at + place] = unit;
  }
  return units < 0x80;
}

/** Whether text is short and all of it is ASCII. */
function isShortAscii(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > SHORT_TEXT_MAX) return false;
  let units = 0;
  for (let at = start; at < end; at++) units |= bytes[at] ?? 0;
  return units < 0x80;
}

/** The text whose UTF-8 stands from `start` up to, excluding, `end`. */
export const readUtf8: Read = hasBuffer
  ? (bytes, start, end) => {
      const encoding = isShortAscii(bytes, start, end) ? "latin1" : "utf8";
      return Buffer.prototype.toString.call(bytes, encoding, start, end);
    }
  : readUtf8ByDecoder;

/** The same for text known to be ASCII, where each byte is a character. */
export const readAscii: Read = hasBuffer
  ? (bytes, start, end) => Buffer.prototype.toString.call(bytes, "latin1", start, end)
  : readUtf8ByDecoder;
