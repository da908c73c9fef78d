/** Bytes one after the other, in a file whose room was taken before. */
import { fdatasync, fdatasyncSync, openSync, writeSync } from "node:fs";

/** It begins again at its start when it is full. Units: bytes. */
const FILE_BYTES = 256 * 1024 ** 2;
const PIECE_BYTES = 1024 ** 2;

export class JournalFile {
  readonly #descriptor: number;
  #end = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, "w");
    const zeros = new Uint8Array(PIECE_BYTES);
    for (let at = 0; at < FILE_BYTES; at += PIECE_BYTES) {
      writeSync(this.#descriptor, zeros, 0, PIECE_BYTES, at);
    }
    fdatasyncSync(this.#descriptor);
  }

  append(bytes: Uint8Array, onDurable: () => void): void {
    if (this.#end + bytes.length > FILE_BYTES) this.#end = 0;
    writeSync(this.#descriptor, bytes, 0, bytes.length, this.#end);
    this.#end += bytes.length;
    fdatasync(this.#descriptor, (error) => {
      if (error) throw error;
      onDurable();
    });
  }
}
