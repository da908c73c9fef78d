/**
 * The bounds of a scenario's nodes. Under production's, most are never met in the life of a
 * simulated cluster, so some clusters are made with bounds that are met all the time.
 */
import { defaultLimits, type NodeLimits } from "../../src/actors/limits";
import { simulatedCompaction, tinyStore } from "../../src/simulation/cluster";
import type { NodeRecipe } from "../../src/simulation/cluster-parts";
import { IDEMPOTENCY_LIMITS } from "../../src/store/idempotency";
import type { Setup, SnapshotSetup } from "./scenario";

const crampedLimits = {
  ...defaultLimits,
  batchCommandsMax: 3,
  batchBytesMax: 300,
  proposalsMax: 8,
  readsMax: 8,
  heldMessagesMax: 8,
  applySliceEntries: 3,
  readPageBytes: 500,
} as const;
/** Units: bytes. */
const CRAMPED_CACHE_BYTES_MAX = 500;

/** Retries reach back less far than this. Whoever is later counts. */
const forgetfulLimits = { ageMsMin: 6000, newerKeysMin: 120, evictionsPerEntryMax: 4 } as const;

type Limits = Pick<NodeRecipe, "limits" | "storeLimits" | "idempotencyLimits" | "compaction">;

export function limitsOf({ isCramped, isForgetful, segmentBytesMax, snapshots }: Setup): Limits {
  const limits = isCramped ? crampedLimits : defaultLimits;
  return {
    limits: snapshots ? inPieces(limits, snapshots) : limits,
    storeLimits: {
      ...tinyStore,
      segmentBytesMax,
      ...(isCramped && { cacheBytesMax: CRAMPED_CACHE_BYTES_MAX }),
      ...(snapshots && { snapshotBlockBytes: snapshots.blockBytes }),
    },
    compaction: snapshots
      ? { snapshotEntries: snapshots.entries, snapshotIntervalMs: snapshots.intervalMs }
      : simulatedCompaction,
    idempotencyLimits: isForgetful ? forgetfulLimits : IDEMPOTENCY_LIMITS,
  };
}

const inPieces = (limits: NodeLimits, snapshots: SnapshotSetup): NodeLimits => ({
  ...limits,
  snapshotLogBytesMin: snapshots.logBytesMin,
  window: {
    ...limits.window,
    snapshotChunkBytes: snapshots.chunkBytes,
    snapshotChunksMax: snapshots.chunksMax,
  },
});
