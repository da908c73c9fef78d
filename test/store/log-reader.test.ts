/** Reading from disk in pages, which end wherever they end. */
import { expect, test } from "bun:test";
import { logIndex } from "../../src/types";
import { makeEntries, StoreRig } from "./store-rig";

const ENTRIES = 3_000;
/** From each of these on, so that page ends fall everywhere in a record. */
const STARTS = 250;
const everything = { segmentBytesMax: 16 * 1024 * 1024, preallocateBytes: 1024 * 1024 };

test("a page may end at every byte of a header", () => {
  const rig = new StoreRig({ ...everything, cacheBytesMax: 1 });
  const { store } = rig.open();
  for (let first = 1; first <= ENTRIES; first++) {
    const entries = makeEntries(first, 1, 30 + ((first * 37) % 101));
    store.append(entries, { generation: 0, commitIndex: logIndex(0) });
  }
  for (let first = 1; first <= STARTS; first++) {
    const read = store.read(logIndex(first), logIndex(ENTRIES), Number.POSITIVE_INFINITY);
    expect(read.length).toBe(ENTRIES - first + 1);
  }
});
