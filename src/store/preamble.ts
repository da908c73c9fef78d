/** The first bytes of every file: eight letters of magic, a version, and a checksum of both. */
import { crc32 } from "../codec/crc32";
import { StartupError } from "../errors";

/** Units: bytes. */
export const PREAMBLE_BYTES = 16;
const MAGIC_LETTERS = 8;

export interface FileFormat {
  /** Eight ASCII letters. */
  readonly magic: string;
  readonly version: number;
}

export function encodePreamble(format: FileFormat): Uint8Array {
  const bytes = new Uint8Array(PREAMBLE_BYTES);
  bytes.set(new TextEncoder().encode(format.magic));
  const view = new DataView(bytes.buffer);
  view.setUint32(MAGIC_LETTERS, format.version);
  view.setUint32(MAGIC_LETTERS + 4, crc32(bytes.subarray(0, MAGIC_LETTERS + 4)));
  return bytes;
}

/**
 * Whether `bytes` begin with the preamble of `format`. Errors: `StartupError` `data_unreadable`
 * when they were written by a later version, which we must not take for damage.
 */
export function hasPreamble(bytes: Uint8Array, format: FileFormat, path: string): boolean {
  if (bytes.length < PREAMBLE_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, PREAMBLE_BYTES);
  const checksum = view.getUint32(MAGIC_LETTERS + 4);
  if (crc32(bytes.subarray(0, MAGIC_LETTERS + 4)) !== checksum) return false;
  if (new TextDecoder().decode(bytes.subarray(0, MAGIC_LETTERS)) !== format.magic) return false;
  const version = view.getUint32(MAGIC_LETTERS);
  if (version === format.version) return true;
  throw new StartupError(
    "data_unreadable",
    `${path} has format ${version}, this version of Balsa reads ${format.version}: start the ` +
      "version that wrote it",
  );
}
