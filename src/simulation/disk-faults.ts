/** What a process is about to do to the disk. */
export interface DiskOperation {
  readonly kind: "create" | "read" | "write" | "sync" | "rename" | "remove" | "syncDirectory";
  /** The file's name, empty for the directory. */
  readonly name: string;
}

/**
 * What goes wrong with one operation. `bytesTaken` is what a write puts down before it stops; a
 * `shortWrite` then reports so many, as `write(2)` may.
 */
export type DiskFault =
  | { readonly kind: "shortWrite"; readonly bytesTaken: number }
  | { readonly kind: "noSpace"; readonly bytesTaken: number }
  /** On a sync: what it should have saved is lost although later syncs succeed. */
  | { readonly kind: "ioError" }
  /** The process dies just before the operation. */
  | { readonly kind: "crash" };

/** Thrown at a process that is dead, by whatever it still tries: nothing of it is done. */
export class ProcessDiedError extends Error {
  override readonly name = "ProcessDiedError";
}
