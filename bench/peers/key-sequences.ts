/** Which keys a load touches, so that new ones are new in every load and every run. */
import type { Load } from "../load/load";
import type { KeySequence } from "../load/wrk";

/** What every key begins with; nine bytes, for base64's sake. */
const PRESENT_PREFIX = "present00";
const PREFIX_LENGTH = 9;

/** The same for two runs only if they began in the same millisecond. */
const runNumber = Date.now();
let loads = 0;

/** Begins with a different prefix every time. */
const newPrefix = () =>
  (runNumber * 10_000 + loads++).toString(36).slice(-PREFIX_LENGTH).padStart(PREFIX_LENGTH, "0");

export const sequenceOf = ({ keys }: Load): KeySequence =>
  keys.kind === "new"
    ? { prefix: newPrefix(), order: "sequential", from: 0 }
    : { prefix: PRESENT_PREFIX, order: "random", from: 0 };

/** All keys that are to be present, each once, beginning with number `from`. */
export const presentKeysFrom = (from: number): KeySequence => ({
  prefix: PRESENT_PREFIX,
  order: "once",
  from,
});

/** Key number `at` of those that are present. */
export const presentKey = (at: number) => `${PRESENT_PREFIX}${String(at).padStart(9, "0")}`;
