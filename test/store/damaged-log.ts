/** A log whose every byte is known, for tests to spoil. */
import { expect } from "bun:test";
import { FatalError } from "../../src/errors";
import type { OpenedStore } from "../../src/store/open-store";
import { logIndex } from "../../src/types";
import { makeEntries, StoreRig } from "./store-rig";

export const SEGMENT = "log-00000001-0000000000000001.balsa";
/** A power loss that takes nothing: tests spoil what they want by hand. */
export const loseNothing = () => 0.3;
export const roomy = { segmentBytesMax: 100_000, preallocateBytes: 4096, reserveBytes: 1024 };

/**
 * Three durable batches of two entries, then one that was never synced; the process is dead.
 * Batches begin at bytes 48, 262, 476 and 690: a header of 48 bytes, then records of 83.
 */
export function fourBatches(prepare: (rig: StoreRig, opened: OpenedStore) => void = () => {}) {
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

export function refusal(open: () => unknown): FatalError {
  try {
    open();
  } catch (error) {
    if (error instanceof FatalError) return error;
    throw error;
  }
  return expect.unreachable();
}
