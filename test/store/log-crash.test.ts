/** The power fails at every single operation: nothing that was promised is lost, ever. */
import { describe, expect, test } from "bun:test";
import type { OpenedStore } from "../../src/store/open-store";
import { randomFrom } from "../seeded-random";
import { StoreRig } from "./store-rig";

/** A bit of everything: batches, votes, rolls, truncations, long entries, marks, a clean close. */
const script: readonly ((rig: StoreRig, store: OpenedStore) => void)[] = [
  (rig, store) => rig.vote(store, 1),
  (rig, store) => rig.append(store, 1),
  (rig, store) => rig.append(store, 3),
  (rig) => rig.clock.step(),
  (rig, store) => rig.append(store, 5),
  (rig) => rig.clock.run(),
  (rig, store) => rig.append(store, 2, { bytes: 900 }),
  (rig, store) => rig.append(store, 2, { first: 4 }),
  (rig) => rig.clock.step(),
  (rig, store) => rig.vote(store, 3),
  (rig, store) => rig.append(store, 4, { bytes: 600 }),
  (rig) => rig.clock.run(),
  (_, { store }) => store.repeatMark(),
  (rig, store) => rig.append(store, 1, { first: 3, bytes: 5000 }),
  (rig, store) => rig.vote(store, 2),
  (rig, store) => rig.append(store, 6, { bytes: 300 }),
  (rig) => rig.clock.step(),
  (rig, store) => rig.append(store, 1, { first: store.store.lastIndex }),
  (rig) => rig.clock.run(),
  (rig, store) => rig.append(store, 8, { bytes: 200 }),
];

/** True when the process lived to the script's end. */
const run = (rig: StoreRig): boolean =>
  rig.survives(() => {
    const store = rig.open();
    for (const step of script) step(rig, store);
    rig.close(store);
  });

function countOperations(): number {
  const rig = new StoreRig();
  return rig.operationsOf(() => expect(run(rig)).toBe(true));
}

describe("a crash at every operation", () => {
  const operations = countOperations();
  const seeds = [1, 2, 3, 4, 5, 6];

  test("there are enough operations to crash at", () => {
    expect(operations).toBeGreaterThan(80);
  });

  test.each(seeds)("loses nothing that was durable, seed %d", (seed) => {
    for (let operation = 0; operation <= operations; operation++) {
      const { random, below } = randomFrom(seed * 100_000 + operation);
      const rig = new StoreRig();
      rig.dieAt(operation);
      try {
        run(rig);
        // Twice more, recovery included: what one crash left must carry the next start.
        for (const _ of [1, 2]) {
          rig.disk.crash(random);
          rig.dieAt(below(operations));
          run(rig);
        }
        rig.disk.crash(random);
        rig.disk.onOperation = () => null;
        expect(run(rig)).toBe(true);
        rig.open();
      } catch (error) {
        throw new Error(`seed ${seed}, operation ${operation}`, { cause: error });
      }
    }
  });

  test.each(seeds)("nor does a kill that spares the machine, seed %d", (seed) => {
    for (let operation = 0; operation <= operations; operation += 3) {
      const { random } = randomFrom(seed * 200_000 + operation);
      const rig = new StoreRig();
      rig.dieAt(operation);
      run(rig);
      rig.disk.kill();
      rig.dieAt(operation);
      run(rig);
      rig.disk.crash(random);
      rig.disk.onOperation = () => null;
      expect(run(rig)).toBe(true);
    }
  });
});
