/** Text behind twice the length of its UTF-8, plus one if it is ASCII, each byte a character. */
import { UTF8_BYTES_PER_UNIT_MAX, writeUtf8 } from "../codec/utf8";
import { VARINT_BYTES_MAX, writeVarint } from "./varint";

/** What it takes at most. Units: bytes. */
export const markedTextBytesMax = (text: string): number =>
  VARINT_BYTES_MAX + text.length * UTF8_BYTES_PER_UNIT_MAX;

/** Writes well-formed text at a place where there is room, and returns where it ends. */
export function writeMarkedText(bytes: Uint8Array, at: number, text: string): number {
  // Nearly all text is ASCII, so its length is known before it is written.
  const start = writeVarint(bytes, at, text.length * 2 + 1);
  const written = writeUtf8(bytes, text, start);
  if (written === text.length) return start + written;
  const movedStart = writeVarint(bytes, at, written * 2);
  return movedStart + writeUtf8(bytes, text, movedStart);
}
