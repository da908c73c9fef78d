import { KvProjection } from "../../../src/store/kv-projection";
import type { OpenedStore } from "../../../src/store/open-store";
import { indexPlus } from "../../../src/types";
import type { Mutant } from "./mutant";

/** Applies what the log holds of the snapshot's entries upon the state that holds them already. */
function applyAgain({ projection, recovered, store }: OpenedStore): boolean {
  const { base, snapshot } = recovered;
  if (snapshot === null || base.index >= snapshot.info.lastIndex) return false;
  const first = indexPlus(base.index, 1);
  const entries = store.read(first, snapshot.info.lastIndex, Number.POSITIVE_INFINITY);
  const twice = new KvProjection(projection.limits);
  twice.adopt(projection);
  twice.refound({ ...base, revision: twice.revision });
  for (const entry of entries) twice.apply(entry);
  projection.adopt(twice);
  return true;
}

export const appliedTwice: Mutant = {
  id: "M44",
  bug: "A crash leaves a snapshot and a log that was not cut yet: their entries are applied twice.",
  source: "RayforceDB/rayforce#420",
  caughtBy: ["I8", "I14"],
  ports: (ran) => ({
    wrapOpened(opened) {
      if (applyAgain(opened)) ran();
      return opened;
    },
  }),
};
