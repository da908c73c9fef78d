/** What damage means: by the durable mark it is a torn tail, a corruption, or a forgotten end. */
import { describe, expect, test } from "bun:test";
import { FatalError } from "../../src/errors";
import type { OpenedStore } from "../../src/store/open-store";
import { logIndex } from "../../src/types";
import { makeEntries, StoreRig } from "./store-rig";

const SEGMENT = "log-00000001-0000000000000001.balsa";
/** A power loss that takes nothing: tests spoil what they want by hand. */
const loseNothing = () => 0.3;
const roomy = { segmentBytesMax: 100_000, preallocateBytes: 4096, reserveBytes: 1024 };

/**
 * Three durable batches of two entries, then one that was never synced; the process is dead.
 * Batches begin at bytes 16, 230, 444 and 658: a header of 48 bytes, then records of 83.
 */
function fourBatches(prepare: (rig: StoreRig, opened: OpenedStore) => void = () => {}) {
  const rig = new StoreRig(roomy);
  rig.isDamaged = true;
  const opened = rig.open({ onDurable: () => {} });
  for (const first of [1, 3, 5]) {
    opened.store.append(makeEntries(first, 2), { generation: 0, commitIndex: logIndex(0) });
    rig.clock.run();
  }
  prepare(rig, opened);
  const { lastIndex } = opened.store;
  opened.store.append(makeEntries(lastIndex + 1, 2), { generation: 1, commitIndex: lastIndex });
  rig.disk.crash(loseNothing);
  return rig;
}

function refusal(open: () => unknown): FatalError {
  try {
    open();
  } catch (error) {
    if (error instanceof FatalError) return error;
    throw error;
  }
  return expect.unreachable();
}

describe("recovery", () => {
  test("brings back every entry, its summary and the highest commit mark", () => {
    const { recovered } = fourBatches().open();
    expect(recovered.entries.map(({ index }) => Number(index))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(recovered.entries[0]).toEqual({
      index: logIndex(1),
      term: recovered.entries[0]?.term ?? expect.unreachable(),
      kind: "command",
      byteLength: 83,
      configuration: null,
    });
    expect(recovered).toMatchObject({ commitIndex: 6, forgottenUpTo: null, trimmed: null });
  });

  test("makes durable what a killed process had only written", () => {
    const rig = new StoreRig(roomy);
    const opened = rig.open();
    rig.append(opened, 3);
    rig.disk.kill();
    expect(rig.open().store.durableIndex).toBe(logIndex(3));
    rig.disk.crash(() => 0);
    expect(rig.open().store.lastIndex).toBe(logIndex(3));
  });

  test("does the same after a failed sync whose pages look clean", () => {
    const rig = new StoreRig(roomy);
    const opened = rig.open();
    rig.append(opened, 1);
    rig.clock.run();
    rig.disk.onOperation = ({ kind }) => (kind === "sync" ? { kind: "ioError" } : null);
    rig.append(opened, 3);
    rig.clock.run();
    expect(rig.fatal.map(({ code }) => code)).toEqual(["fsync_failed"]);
    rig.disk.onOperation = () => null;
    rig.disk.kill();
    expect(rig.open().store.durableIndex).toBe(logIndex(4));
    rig.disk.crash(() => 0);
    expect(rig.open().store.lastIndex).toBe(logIndex(4));
  });

  test("removes what a crash left half written", () => {
    const rig = new StoreRig(roomy);
    rig.close(rig.open());
    rig.disk.mount(rig.clock).open("identity.balsa.tmp", { create: true });
    rig.open();
    expect(rig.disk.list()).not.toContain("identity.balsa.tmp");
  });
});

describe("a torn tail, above the mark", () => {
  // Each flipped bit hits batch 4: its header, its first entry, its second.
  test.each([
    [670, 6],
    [720, 6],
    [800, 7],
  ])("damage at byte %d: trimmed to entry %d, and said so", (byte, lastIndex) => {
    const rig = fourBatches();
    rig.disk.flipBit(SEGMENT, byte);
    const { recovered, store } = rig.open();
    expect(store.lastIndex).toBe(logIndex(lastIndex));
    expect(recovered.trimmed).toMatch(/trimmed \d+ bytes from byte \d+ on/);
    expect(recovered.forgottenUpTo).toBe(null);
  });

  test("is trimmed durably: later appends are reachable, and nothing comes back", () => {
    const rig = fourBatches();
    rig.disk.flipBit(SEGMENT, 720);
    const opened = rig.open();
    rig.append(opened, 1);
    rig.clock.run();
    rig.disk.crash(() => 0);
    rig.isDamaged = false;
    const { recovered, store } = rig.open();
    expect(store.lastIndex).toBe(logIndex(7));
    expect(recovered.trimmed).toBe(null);
  });

  test("with whole batches behind it, none of which was ever synced, is trimmed as a whole", () => {
    const rig = fourBatches((_, { store }) => {
      store.append(makeEntries(7, 2), { generation: 0, commitIndex: logIndex(0) });
      store.append(makeEntries(9, 2), { generation: 0, commitIndex: logIndex(0) });
      store.append(makeEntries(7, 4), { generation: 1, commitIndex: logIndex(0) });
    });
    rig.disk.flipBit(SEGMENT, 720);
    const { store, recovered } = rig.open();
    expect(store.lastIndex).toBe(logIndex(6));
    expect(recovered.trimmed).toContain("byte 658");
    rig.append({ store, recovered, identity: expect.anything() }, 1);
    rig.close({ store, recovered, identity: expect.anything() });
    expect(rig.open().store.lastIndex).toBe(logIndex(7));
  });

  test("may have a hole of zeros where a sector never arrived", () => {
    const rig = fourBatches();
    const hole = new Uint8Array(48);
    rig.disk.file(SEGMENT).write(658, hole);
    const { store, recovered } = rig.open();
    expect(store.lastIndex).toBe(logIndex(6));
    expect(recovered.trimmed).toContain("a record is missing before others");
  });

  test("a segment that was still being created is dropped in silence", () => {
    const rig = fourBatches();
    const name = "log-00000002-0000000000000009.balsa";
    rig.disk.mount(rig.clock).open(name, { create: true }).write(0, new Uint8Array(100));
    const { store, recovered } = rig.open();
    expect(store.lastIndex).toBe(logIndex(8));
    expect(recovered.trimmed).toBe(null);
    expect(rig.disk.list()).not.toContain(name);
  });
});

describe("damage at or below the mark", () => {
  // The header of batch 4 says that batch 3 was durable: every byte before 658 is vouched for.
  test.each([0, 12, 20, 70, 160, 235, 300, 450, 500, 657])(
    "stops the node: byte %d, by a mark behind the damage",
    (byte) => {
      const rig = fourBatches();
      rig.disk.flipBit(SEGMENT, byte);
      const error = refusal(() => rig.open());
      expect(error.code).toBe("log_corrupted");
      expect(error.facts.file).toBe(`/simulated/${SEGMENT}`);
      expect(error.facts.offset).toBeLessThanOrEqual(byte);
      expect(byte - (error.facts.offset ?? 0)).toBeLessThan(83);
      expect(error.facts.nextStep).toContain("add it again with an empty one");
    },
  );

  test("stops the node also where only the hard state remembers", () => {
    const rig = fourBatches((damaged, { store }) => {
      store.append(makeEntries(7, 2), { generation: 0, commitIndex: logIndex(0) });
      damaged.clock.run();
      store.repeatMark();
      damaged.clock.run();
    });
    rig.disk.flipBit(SEGMENT, 720);
    expect(refusal(() => rig.open()).code).toBe("log_corrupted");
  });

  test("stops the node when a truncating batch is what is damaged", () => {
    const rig = fourBatches((damaged, { store }) => {
      store.append(makeEntries(2, 1), { generation: 1, commitIndex: logIndex(0) });
      damaged.clock.run();
      store.append(makeEntries(3, 4), { generation: 1, commitIndex: logIndex(0) });
    });
    rig.disk.flipBit(SEGMENT, 660);
    expect(refusal(() => rig.open()).code).toBe("log_corrupted");
  });

  test("stops the node in an earlier segment, and when one is missing", () => {
    for (const spoil of ["flip", "lose"] as const) {
      const rig = new StoreRig();
      rig.isDamaged = true;
      const opened = rig.open();
      for (let batch = 0; batch < 12; batch++) rig.append(opened, 1, { bytes: 1500 });
      rig.close(opened);
      const second = rig.disk.list().filter((name) => name.startsWith("log-"))[1] ?? "";
      if (spoil === "flip") rig.disk.flipBit(second, 2000);
      else rig.disk.lose(second);
      expect(refusal(() => rig.open()).code).toBe("log_corrupted");
    }
  });

  test("leaves the directory unlocked and unchanged", () => {
    const rig = fourBatches();
    rig.disk.flipBit(SEGMENT, 300);
    const before = rig.disk.file(SEGMENT).read(0, 10_000);
    refusal(() => rig.open());
    refusal(() => rig.open());
    expect(rig.disk.file(SEGMENT).read(0, 10_000)).toEqual(before);
  });
});

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

  // Ends within an entry, between entries, within a header, between batches, within the preamble.
  test.each([
    [800, 7],
    [789, 7],
    [670, 6],
    [658, 6],
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

  test("also when the file is gone", () => {
    const rig = closed();
    rig.disk.lose(SEGMENT);
    expect(rig.open().recovered.forgottenUpTo).toBe(logIndex(8));
  });

  test("remembers through restarts, until the log has reached it again", () => {
    const rig = closed();
    rig.disk.cut(SEGMENT, 500);
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
    rig.disk.cut(SEGMENT, 500);
    expect(rig.open().recovered.forgottenUpTo).toBe(logIndex(6));
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
