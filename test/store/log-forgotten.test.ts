/** A log that was cut short: its node comes back, and knows that it has forgotten something. */
import { describe, expect, test } from "bun:test";
import { FIRST_BATCH_OFFSET } from "../../src/store/segment-head";
import { logIndex } from "../../src/types";
import { fourBatches, loseNothing, roomy, SEGMENT } from "./damaged-log";
import { StoreRig } from "./store-rig";

/** Where its four batches end. */
const LOG_BYTES = 872;

describe("a log that ends below its mark", () => {
  /** A clean close repeats the mark: entry 8 was durable. */
  function closed() {
    const rig = new StoreRig(roomy);
    const opened = rig.open();
    for (let batch = 0; batch < 4; batch++) rig.append(opened, 2);
    rig.close(opened);
    rig.isDamaged = true;
    return rig;
  }

  // Ends within an entry, between entries, within a header, between batches, within the head.
  test.each([
    [832, 7],
    [821, 7],
    [702, 6],
    [690, 6],
    [40, 0],
    [10, 0],
    [0, 0],
  ])(
    "cut off behind byte %d: comes back with %d entries, and says what it forgot",
    (size, last) => {
      const rig = closed();
      rig.disk.cut(SEGMENT, size);
      const { recovered, store } = rig.open();
      expect(store.lastIndex).toBe(logIndex(last));
      expect(recovered.forgottenUpTo).toBe(logIndex(8));
    },
  );

  test("a cut behind any byte is a cut, though it may leave zeros of a record's header", () => {
    for (let size = 0; size < LOG_BYTES; size++) {
      const rig = closed();
      rig.disk.cut(SEGMENT, size);
      expect([size, rig.open().recovered.forgottenUpTo]).toEqual([size, logIndex(8)]);
    }
  });

  test("also when the file is gone", () => {
    const rig = closed();
    rig.disk.lose(SEGMENT);
    expect(rig.open().recovered.forgottenUpTo).toBe(logIndex(8));
  });

  test("remembers through restarts, until the log has reached it again", () => {
    const rig = closed();
    rig.disk.cut(SEGMENT, 532);
    const first = rig.open();
    expect(first.recovered.forgottenUpTo).toBe(logIndex(8));
    const missing = 7 - first.store.lastIndex;
    rig.append(first, missing);
    rig.close(first);
    const second = rig.open();
    expect(second.recovered.forgottenUpTo).toBe(logIndex(8));
    rig.append(second, 1);
    rig.close(second);
    expect(rig.open().recovered.forgottenUpTo).toBe(null);
  });

  test("is noticed after a kill too, once the mark was repeated", () => {
    const rig = fourBatches((cut, { store }) => {
      store.repeatMark();
      cut.clock.run();
    });
    rig.disk.cut(SEGMENT, 532);
    expect(rig.open().recovered.forgottenUpTo).toBe(logIndex(6));
  });

  test("is noticed without being told, once enough was appended since the last mark", () => {
    const rig = new StoreRig({ ...roomy, markEveryBytes: 300 });
    rig.isDamaged = true;
    const opened = rig.open();
    for (let batch = 0; batch < 3; batch++) {
      rig.append(opened, 2);
      rig.clock.run();
    }
    rig.disk.crash(loseNothing);
    rig.disk.cut(SEGMENT, 332);
    // Batches of 214 bytes: the second passes the limit, the third does not pass it again.
    expect(rig.open().recovered.forgottenUpTo).toBe(logIndex(4));
  });

  test("is noticed when the log has turned to a new segment since", () => {
    const rig = new StoreRig({ ...roomy, segmentBytesMax: 500 });
    rig.isDamaged = true;
    const opened = rig.open();
    for (let batch = 0; batch < 3; batch++) rig.append(opened, 2);
    rig.clock.run();
    rig.disk.crash(loseNothing);
    const [first, second] = rig.disk.list().filter((name) => name.startsWith("log-"));
    rig.disk.lose(second ?? "");
    rig.disk.cut(first ?? "", 300);
    expect(rig.open().recovered.forgottenUpTo).toBe(logIndex(4));
  });

  test("is noticed where a truncation is lost, and what it replaced is back", () => {
    const rig = new StoreRig({ ...roomy, segmentBytesMax: 500 });
    rig.isDamaged = true;
    const opened = rig.open();
    rig.append(opened, 4);
    rig.append(opened, 2, { first: 2 });
    rig.clock.run();
    opened.store.repeatMark();
    rig.clock.run();
    rig.disk.crash(loseNothing);
    const [, second] = rig.disk.list().filter((name) => name.startsWith("log-"));
    rig.disk.cut(second ?? "", FIRST_BATCH_OFFSET);
    const { recovered, store } = rig.open();
    // Entries 2 to 4 are those of before, and 2 and 3 may have been acknowledged as others.
    expect(store.lastIndex).toBe(logIndex(4));
    expect(recovered.forgottenUpTo).toBe(logIndex(5));
  });

  /** Cut short, then followed by a durable entry, which the chart finds enough. */
  function released() {
    const rig = closed();
    rig.disk.cut(SEGMENT, 532);
    const opened = rig.open();
    rig.append(opened, 1);
    rig.clock.run();
    opened.store.clearForgotten();
    return { rig, opened };
  }

  test("forgives what the chart says is held after all, before the log has reached it", () => {
    const { rig, opened } = released();
    opened.store.clearForgotten();
    const { syncs } = opened.store;
    rig.clock.run();
    expect(opened.store.syncs - syncs).toBe(1);
    rig.disk.crash(() => 0);
    const again = rig.open();
    expect(again.recovered.forgottenUpTo).toBe(null);
    expect(again.store.lastIndex).toBe(opened.store.lastIndex);
  });

  test("remembers where the power failed before the pardon was written", () => {
    const { rig } = released();
    rig.disk.crash(() => 0);
    expect(rig.open().recovered.forgottenUpTo).toBe(logIndex(8));
  });

  test("notices after a pardon what is cut off from then on", () => {
    const { rig, opened } = released();
    rig.clock.run();
    const { lastIndex } = opened.store;
    rig.disk.kill();
    rig.disk.cut(SEGMENT, 332);
    expect(rig.open().recovered.forgottenUpTo).toBe(lastIndex);
  });

  test("writes nothing where nothing was forgotten", () => {
    const rig = new StoreRig(roomy);
    const { store } = rig.open();
    const { syncs } = store;
    store.clearForgotten();
    rig.clock.run();
    expect(store.syncs).toBe(syncs);
  });

  test("a truncation afterwards leaves nothing to remember", () => {
    const rig = new StoreRig(roomy);
    const opened = rig.open();
    rig.append(opened, 5);
    rig.clock.run();
    opened.store.repeatMark();
    rig.clock.run();
    rig.append(opened, 1, { first: 2 });
    rig.clock.run();
    rig.disk.crash(loseNothing);
    expect(rig.open().store.lastIndex).toBe(logIndex(2));
  });
});
