/**
 * The power fails at every single operation of a log that is rolled, cut and replaced: whatever
 * stands behind the snapshot and was durable is there, and the log goes on.
 */
import { describe, expect, test } from "bun:test";
import { FatalError } from "../../src/errors";
import { NoSpaceError } from "../../src/store/ports";
import { randomFrom, type SeededRandom } from "../seeded-random";
import { CutLogRig } from "./cut-log-rig";

/** Snapshots of one's own, an install over a log that is too short, one over a conflicting log. */
const script: readonly ((rig: CutLogRig) => void)[] = [
  (rig) => rig.append(3),
  (rig) => rig.append(4, { bytes: 300 }),
  (rig) => rig.clock.run(),
  (rig) => rig.store.roll(),
  (rig) => rig.append(3),
  (rig) => compact(rig, 3),
  (rig) => rig.append(2, { first: rig.store.lastIndex - 1, bytes: 200 }),
  (rig) => rig.clock.run(),
  (rig) => rig.store.roll(),
  (rig) => rig.append(5, { bytes: 100 }),
  (rig) => rig.clock.step(),
  (rig) => compact(rig, 4),
  (rig) => rig.store.repeatMark(),
  (rig) => rig.append(1, { bytes: 5000 }),
  (rig) => rig.clock.run(),
  (rig) => rig.store.roll(),
  (rig) => rig.append(2, { bytes: 700 }),
  (rig) => rig.append(2, { bytes: 700 }),
  (rig) => rig.clock.run(),
  (rig) => compact(rig, 2),
  (rig) => rig.append(2),
  (rig) => rig.install(rig.store.lastIndex + 10),
  (rig) => rig.append(6, { bytes: 200 }),
  (rig) => rig.append(1),
  (rig) => rig.clock.step(),
  (rig) => rig.install(rig.store.lastIndex - 2),
  (rig) => rig.clock.run(),
  (rig) => rig.append(4, { bytes: 400 }),
  (rig) => rig.clock.run(),
  (rig) => rig.store.roll(),
  (rig) => rig.append(4, { bytes: 400 }),
  (rig) => rig.clock.run(),
  (rig) => compact(rig, 1),
  (rig) => rig.append(4, { bytes: 400 }),
];

/** A snapshot that lies `behind` entries behind the durable end, where that is any progress. */
function compact(rig: CutLogRig, behind: number): void {
  rig.compact(Math.max(rig.committed, rig.store.durableIndex - behind));
}

/** Runs the script until it ends or the process dies; true when it ended. */
const run = (rig: CutLogRig): boolean =>
  rig.survives(() => {
    rig.open();
    for (const step of script) step(rig);
    rig.expectReadable();
    rig.close();
  });

function countOperations(): number {
  const rig = new CutLogRig();
  return rig.operationsOf(() => expect(run(rig)).toBe(true));
}

describe("a crash at every operation", () => {
  const operations = countOperations();

  test("there are enough operations to crash at", () => {
    expect(operations).toBeGreaterThan(120);
  });

  test.each([1, 2, 3, 4])("loses nothing behind the snapshot, seed %d", (seed) => {
    for (let operation = 0; operation <= operations; operation++) {
      const { random, below } = randomFrom(seed * 100_000 + operation);
      const rig = new CutLogRig();
      rig.dieAt(operation);
      try {
        run(rig);
        // Twice more, recovery included: what one crash left must carry the next start.
        for (const most of [30, operations]) {
          rig.disk.crash(random);
          rig.dieAt(below(most));
          run(rig);
        }
        rig.disk.crash(random);
        rig.disk.onOperation = () => null;
        expect(run(rig)).toBe(true);
        rig.open();
        expect(rig.segmentNames.length).toBeLessThan(8);
      } catch (error) {
        throw new Error(`seed ${seed}, operation ${operation}`, { cause: error });
      }
    }
  });

  test("nor does a kill that spares the machine", () => {
    for (let operation = 0; operation <= operations; operation += 2) {
      const rig = new CutLogRig();
      for (const death of [operation, operation >> 2]) {
        rig.dieAt(death);
        run(rig);
        rig.disk.kill();
      }
      rig.disk.onOperation = () => null;
      expect(run(rig)).toBe(true);
    }
  });
});

const SEEDS = 150;
const LIVES = 5;

function randomRig({ below, pick }: SeededRandom): CutLogRig {
  const rig = new CutLogRig({
    segmentBytesMax: 2048 * (1 + below(4)),
    preallocateBytes: pick([0, 256, 1000, 1024]),
    cacheBytesMax: 1024,
    markEveryBytes: 500 + below(4000),
  });
  rig.disk.syncDelayMs = () => below(4);
  return rig;
}

/** One process: recovers the log and works until it is done or dead. */
function live(rig: CutLogRig, { below, pick }: SeededRandom): void {
  rig.open();
  const { store } = rig;
  const works: (() => void)[] = [
    () => rig.append(1 + below(4), { bytes: pick([4, 20, 377, below(1500)]) }),
    () => rig.append(1 + below(4), { bytes: below(600) }),
    () => {
      const first = rig.committed + 1 + below(store.lastIndex - rig.committed + 1);
      rig.append(1, { first, bytes: below(400) });
    },
    () => store.roll(),
    () => compact(rig, below(6)),
    () => compact(rig, below(6)),
    () => rig.clock.step(),
    () => rig.clock.step(),
    () => store.repeatMark(),
    () => {
      // Rarely, or nothing else would ever grow: anywhere from the last snapshot on.
      if (below(4) === 0) rig.install(rig.committed + 1 + below(store.lastIndex + 8));
    },
    () => {
      rig.disk.capacityBytes = rig.disk.usedBytes + pick([0, 700, 3000, 1_000_000]);
      store.restoreReserve();
    },
  ];
  for (let work = 0; work < 40; work++) {
    try {
      pick(works)();
    } catch (error) {
      // A log that finds no room to start anew stops: the next start has its snapshot.
      if (error instanceof FatalError && rig.disk.roomBytes < 512) return;
      if (!(error instanceof NoSpaceError)) throw error;
    }
  }
  rig.expectReadable();
  if (below(2) === 0) rig.close();
}

test(`nothing durable behind the snapshot is lost in ${SEEDS} random histories`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomFrom(seed);
    const rig = randomRig(random);
    try {
      for (let life = 0; life < LIVES; life++) {
        rig.dieAt(random.below(200));
        rig.survives(() => live(rig, random));
        if (random.below(3) === 0) rig.disk.kill();
        else rig.disk.crash(random.random);
        rig.disk.capacityBytes = Number.POSITIVE_INFINITY;
      }
      rig.disk.onOperation = () => null;
      rig.open();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});
