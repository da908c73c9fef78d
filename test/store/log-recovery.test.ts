/** What damage means: by the durable mark it is a torn tail, a corruption, or a forgotten end. */
import { describe, expect, test } from "bun:test";
import { logIndex } from "../../src/types";
import { fourBatches, loseNothing, refusal, roomy, SEGMENT } from "./damaged-log";
import { makeEntries, StoreRig } from "./store-rig";

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
    [702, 6],
    [752, 6],
    [832, 7],
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
    rig.disk.flipBit(SEGMENT, 752);
    const opened = rig.open();
    rig.append(opened, 1);
    rig.clock.run();
    rig.disk.crash(() => 0);
    rig.isDamaged = false;
    const { recovered, store } = rig.open();
    expect(store.lastIndex).toBe(logIndex(7));
    expect(recovered.trimmed).toBe(null);
  });

  test("stays trimmed where the sync of that failed and the next start saw only zeros", () => {
    const rig = fourBatches();
    rig.disk.flipBit(SEGMENT, 752);
    rig.disk.onOperation = ({ kind, name }) =>
      kind === "sync" && name === SEGMENT ? { kind: "ioError" } : null;
    expect(refusal(() => rig.open()).code).toBe("fsync_failed");
    rig.disk.onOperation = () => null;
    rig.disk.kill();
    const opened = rig.open();
    // Too long for what is left of the segment: the next one vouches for all of this one.
    rig.append(opened, 1, { bytes: roomy.segmentBytesMax });
    rig.clock.run();
    rig.disk.crash(() => 0);
    expect(rig.open().store.lastIndex).toBe(logIndex(7));
  });

  test("with whole batches behind it, none of which was ever synced, is trimmed as a whole", () => {
    const rig = fourBatches((_, { store }) => {
      store.append(makeEntries(7, 2), { generation: 0, commitIndex: logIndex(0) });
      store.append(makeEntries(9, 2), { generation: 0, commitIndex: logIndex(0) });
      store.append(makeEntries(7, 4), { generation: 1, commitIndex: logIndex(0) });
    });
    rig.disk.flipBit(SEGMENT, 752);
    const opened = rig.open();
    expect(opened.store.lastIndex).toBe(logIndex(6));
    expect(opened.recovered.trimmed).toContain("byte 690");
    rig.append(opened, 1);
    rig.close(opened);
    expect(rig.open().store.lastIndex).toBe(logIndex(7));
  });

  test("torn off behind an entry is closed there: what tears behind it is judged alone", () => {
    const rig = fourBatches();
    rig.disk.flipBit(SEGMENT, 832);
    const opened = rig.open();
    rig.append(opened, 3);
    rig.disk.crash(loseNothing);
    rig.disk.flipBit(SEGMENT, 827);
    const { store, recovered } = rig.open();
    expect(store.lastIndex).toBe(logIndex(7));
    expect(recovered.trimmed).toContain("byte 821");
  });

  test("with no more than a header left is trimmed, header included", () => {
    const rig = fourBatches();
    rig.disk.file(SEGMENT).write(738, new Uint8Array(1000));
    const { store, recovered } = rig.open();
    expect(store.lastIndex).toBe(logIndex(6));
    expect(recovered.trimmed).toContain("byte 690");
  });

  test("may have a hole of zeros where a sector never arrived", () => {
    const rig = fourBatches();
    const hole = new Uint8Array(48);
    rig.disk.file(SEGMENT).write(690, hole);
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
  // The header of batch 4 says that batch 3 was durable: every byte before 690 is vouched for.
  test.each([0, 12, 20, 40, 52, 102, 192, 267, 332, 482, 532, 689])(
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
    const rig = new StoreRig(roomy);
    const opened = rig.open();
    for (let batch = 0; batch < 4; batch++) rig.append(opened, 2);
    rig.close(opened);
    rig.isDamaged = true;
    rig.disk.flipBit(SEGMENT, 752);
    expect(refusal(() => rig.open()).code).toBe("log_corrupted");
  });

  test("stops the node where the next segment was created, for that vouches for this one", () => {
    const rig = new StoreRig();
    rig.isDamaged = true;
    const opened = rig.open();
    rig.append(opened, 1, { bytes: 3000 });
    let writes = 0;
    rig.disk.onOperation = ({ kind, name }) =>
      kind === "write" && name.startsWith("log-00000002") && ++writes === 3
        ? { kind: "crash" }
        : null;
    expect(() => rig.append(opened, 1, { bytes: 3000 })).toThrow();
    rig.disk.onOperation = () => null;
    rig.disk.crash(() => 0);
    rig.disk.flipBit(SEGMENT, 532);
    expect(refusal(() => rig.open()).code).toBe("log_corrupted");
  });

  test("stops the node at a whole record in a place that is not its own, whatever the mark", () => {
    const rig = fourBatches();
    const file = rig.disk.file(SEGMENT);
    file.write(904, file.read(476, 214));
    const error = refusal(() => rig.open());
    expect(error.message).toContain("batch 3 is out of order");
    expect(error.facts.offset).toBe(904);
  });

  test("stops the node when a truncating batch is what is damaged", () => {
    const rig = fourBatches((damaged, { store }) => {
      store.append(makeEntries(2, 1), { generation: 1, commitIndex: logIndex(0) });
      damaged.clock.run();
      store.append(makeEntries(3, 4), { generation: 1, commitIndex: logIndex(0) });
    });
    rig.disk.flipBit(SEGMENT, 692);
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
    rig.disk.flipBit(SEGMENT, 332);
    const before = rig.disk.file(SEGMENT).read(0, 10_000);
    refusal(() => rig.open());
    refusal(() => rig.open());
    expect(rig.disk.file(SEGMENT).read(0, 10_000)).toEqual(before);
  });
});
