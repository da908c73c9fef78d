/** Which keys a load touches, so that new ones are new in every load and every run. */
import type { Load } from "../load/load";
import type { KeySequence } from "../load/wrk";

/** What every key begins with; nine bytes, for base64's sake. */
const PRESENT_PREFIX = "present00";

/** Two runs have the same only if they began in the same second. */
const runPrefix = Math.floor(Date.now() / 1_000)
  .toString(36)
  .padStart(6, "0");
let loads = 0;

const newPrefix = () => runPrefix + (loads++).toString(36).padStart(3, "0");

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
