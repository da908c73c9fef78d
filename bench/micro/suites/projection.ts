/** The fold of committed entries, and reading it. */
import { KvProjection } from "../../../src/store/kv-projection";
import { keep, type MicroBenchmark } from "../micro-benchmark";
import { entriesFrom, keyAt } from "../sample-data";

const KEYS = 10_000;

const entries = entriesFrom(1, KEYS);

const full = () => {
  const projection = new KvProjection();
  for (const entry of entries) projection.apply(entry);
  return projection;
};

const apply: MicroBenchmark = {
  name: "projection: apply a set",
  operations: KEYS,
  prepare() {
    const projection = new KvProjection();
    return () => {
      for (const entry of entries) keep(projection.apply(entry));
    };
  },
};

const projection = full();
const get: MicroBenchmark = {
  name: "projection: get a key",
  operations: KEYS,
  prepare: () => () => {
    for (let at = 1; at <= KEYS; at++) keep(projection.get(keyAt(at)));
  },
};

export default [apply, get];
