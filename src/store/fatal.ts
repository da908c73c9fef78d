/** The faults of a disk that stop the node, in words for the person who finds it stopped. */
import { FatalError } from "../errors";

/**
 * After a failed sync the kernel may have dropped what was written while still showing it to
 * readers, and a second sync "succeeds": only a restart, which reads and rewrites, is safe.
 */
export const syncFailed = (path: string, cause: unknown): FatalError =>
  new FatalError("fsync_failed", `${path}: the disk could not make written bytes durable`, {
    file: path,
    nextStep: "check the disk and the kernel's log (dmesg), then start the node again",
    cause,
  });

export const writeFailed = (path: string, cause: unknown): FatalError =>
  new FatalError("write_failed", `${path}: the disk refused a write: ${cause}`, {
    file: path,
    nextStep: "check the disk, its mount options and its permissions, then start the node again",
    cause,
  });

/** What to do about damage that no restart mends: the cluster still holds the data. */
export const REPLACE_THIS_NODE =
  "keep this data directory for analysis, remove the node from the cluster and add it again with " +
  "an empty one: the other nodes hold what was acknowledged";
