import { expect, test } from "bun:test";
import { defaultLimits } from "../../../src/actors/limits";
import type { KvSnapshots } from "../../../src/actors/snapshots/kv-snapshots";
import { SnapshotInstaller } from "../../../src/actors/snapshots/snapshot-installer";
import type { LogStore } from "../../../src/store/ports";
import { logIndex, type SnapshotInfo, term } from "../../../src/types";
import { about, foldOf } from "../../store/snapshot-rig";
import { VirtualClock } from "../links/virtual-clock";

const SLICES = 5;
const snapshot: SnapshotInfo = {
  lastIndex: logIndex(10),
  lastTerm: term(1),
  byteLength: 3,
  checksum: 7,
};

test("a snapshot is loaded in slices, and whoever else runs here gets a turn in between", () => {
  const clock = new VirtualClock();
  const slicesAtMs: number[] = [];
  const steps: string[] = [];
  const receiving = {
    info: snapshot,
    write: () => {},
    sync: (done: () => void) => done(),
    loadSlice: () => {
      slicesAtMs.push(clock.nowMs());
      const isWhole = slicesAtMs.length === SLICES;
      return isWhole ? { head: about, state: foldOf(10) } : null;
    },
  };
  const installer = new SnapshotInstaller({
    clock,
    limits: defaultLimits,
    log: { prepareReset: () => true } as unknown as LogStore,
    logger: () => {},
    snapshots: { receive: () => receiving } as unknown as KvSnapshots,
    step: ({ type }) => steps.push(type),
    onInstalled: () => {},
  });
  const startMs = clock.nowMs();
  installer.receive({ type: "receiveChunk", snapshot, offset: 0, bytes: new Uint8Array(3) });
  clock.advance(defaultLimits.loadRestMs * SLICES);
  const { loadRestMs } = defaultLimits;
  expect(slicesAtMs).toEqual(Array.from({ length: SLICES }, (_, at) => startMs + at * loadRestMs));
  expect(steps).toEqual(["snapshot.loaded"]);
});
