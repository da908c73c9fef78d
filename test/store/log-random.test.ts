/** Random work, random full disks, random deaths: whatever happens, the promises hold. */
import { expect, test } from "bun:test";
import { NoSpaceError } from "../../src/store/ports";
import { randomFrom, type SeededRandom } from "../seeded-random";
import { StoreRig } from "./store-rig";

const SEEDS = 150;
const LIVES = 5;

function randomRig({ below, pick }: SeededRandom): StoreRig {
  const rig = new StoreRig({
    segmentBytesMax: 2048 * (1 + below(4)),
    preallocateBytes: pick([0, 512, 1000, 1024]),
    cacheBytesMax: 1024,
    reserveBytes: 2048,
    markEveryBytes: 500 + below(4000),
  });
  rig.disk.syncDelayMs = () => below(4);
  return rig;
}

/** One process: opens the store and works until it is done or dead. */
function live(rig: StoreRig, { below, pick }: SeededRandom): void {
  const store = rig.open();
  const { store: log } = store;
  const works: (() => void)[] = [
    () => rig.append(store, 1 + below(4), { bytes: pick([4, 20, 377, below(1500)]) }),
    () => rig.append(store, 1 + below(4), { bytes: below(600) }),
    () => rig.append(store, 1, { first: 1 + below(log.lastIndex + 1), bytes: below(400) }),
    () => rig.vote(store, 1 + below(3)),
    () => log.repeatMark(),
    () => rig.clock.step(),
    () => rig.clock.step(),
    () => {
      rig.leaveRoom(below(2) === 0 ? Number.POSITIVE_INFINITY : below(3000));
      log.restoreReserve();
    },
  ];
  for (let work = 0; work < 30; work++) {
    try {
      pick(works)();
    } catch (error) {
      if (!(error instanceof NoSpaceError)) throw error;
    }
  }
  if (below(2) === 0) rig.close(store);
}

test(`nothing durable is lost in ${SEEDS} random histories`, () => {
  let trims = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomFrom(seed);
    const rig = randomRig(random);
    try {
      for (let life = 0; life < LIVES; life++) {
        rig.dieAt(random.below(160));
        rig.survives(() => live(rig, random));
        if (random.below(3) === 0) rig.disk.kill();
        else rig.disk.crash(random.random);
        rig.leaveRoom(Number.POSITIVE_INFINITY);
      }
      rig.disk.onOperation = () => null;
      if (rig.open().recovered.trimmed) trims++;
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  expect(trims).toBeGreaterThan(5);
});
