/** Every size the store keeps to. Units: bytes, but for counts. */
export interface StoreLimits {
  /** A segment is closed before a batch would make it longer; a longer batch gets one alone. */
  readonly segmentBytesMax: number;
  /** Segments grow in zero-filled steps: a sync that need not record a new length is cheaper. */
  readonly preallocateBytes: number;
  /** What the newest entries may take in memory, objects and all. */
  readonly cacheBytesMax: number;
  /** Kept back for deletes, no-ops and configuration on a full disk. */
  readonly reserveBytes: number;
  /** The durable mark is repeated beside the hard state at least this often. */
  readonly markEveryBytes: number;
  /**
   * How much of the state is encoded, compressed and written in one go, and loaded in one: the
   * loop breathes in between.
   */
  readonly snapshotBlockBytes: number;
  /** How many snapshots are kept: an older one stands in for a damaged newest. */
  readonly snapshotsKept: number;
}

const MiB = 1024 * 1024;

export const defaultStoreLimits: StoreLimits = {
  segmentBytesMax: 16 * MiB,
  preallocateBytes: MiB,
  cacheBytesMax: 8 * MiB,
  reserveBytes: 16 * MiB,
  markEveryBytes: 4 * MiB,
  snapshotBlockBytes: 64 * 1024,
  snapshotsKept: 2,
};
