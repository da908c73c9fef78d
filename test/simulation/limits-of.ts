/**
 * The bounds of a scenario's nodes. Under production's, most are never met in the life of a
 * simulated cluster, so some clusters are made with bounds that are met all the time.
 */
import { defaultLimits } from "../../src/actors/limits";
import { tinyStore } from "../../src/simulation/cluster";
import type { NodeRecipe } from "../../src/simulation/cluster-parts";
import { IDEMPOTENCY_LIMITS } from "../../src/store/idempotency";
import type { Setup } from "./scenario";

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

type Limits = Pick<NodeRecipe, "limits" | "storeLimits" | "idempotencyLimits">;

export const limitsOf = ({ isCramped, isForgetful, segmentBytesMax }: Setup): Limits => ({
  limits: isCramped ? crampedLimits : defaultLimits,
  storeLimits: {
    ...tinyStore,
    segmentBytesMax,
    ...(isCramped && { cacheBytesMax: CRAMPED_CACHE_BYTES_MAX }),
  },
  idempotencyLimits: isForgetful ? forgetfulLimits : IDEMPOTENCY_LIMITS,
});
