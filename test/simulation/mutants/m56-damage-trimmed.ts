import { RECORD_HEADER_BYTES } from "../../../src/codec/record";
import { HARD_STATE_FILE } from "../../../src/store/hard-state";
import { decodeSlot, encodeSlot } from "../../../src/store/hard-state-slot";
import type { FileSystem } from "../../../src/store/ports";
import { logIndex } from "../../../src/types";
import { isSegment, newestSegment, readSegment } from "../stored-log";
import type { Mutant } from "./mutant";
import { MARKED_MS } from "./tail-lost";
import { filesThrough, fileWith } from "./wrapped-files";

/** The first record of the log that is not whole. */
interface Damage {
  readonly name: string;
  readonly offset: number;
}

function damageOf(files: FileSystem): Damage | null {
  for (const name of files.list().filter(isSegment)) {
    const file = files.open(name, { create: false });
    const { borders, isDamaged } = readSegment(file.read(0, file.size()));
    if (isDamaged) return { name, offset: borders.at(-1) ?? 0 };
  }
  return null;
}

/** What stands there, but for all that lies behind the damage. */
function without(damage: Damage, name: string, position: number, bytes: Uint8Array): Uint8Array {
  if (name === damage.name && position === 0) {
    return bytes.map((byte, at) => (at < damage.offset ? byte : 0));
  }
  const slot = name === HARD_STATE_FILE ? decodeSlot(bytes) : null;
  return slot ? encodeSlot({ ...slot, mark: { batch: 0, index: logIndex(0) } }) : bytes;
}

export const damageTrimmed: Mutant = {
  id: "M56",
  bug: "A bit that flipped in the middle of the log is taken for a torn tail: the rest is dropped.",
  source: "Protocol-Aware Recovery (FAST 2018), cockroachdb/pebble#453, NATS (Jepsen)",
  caughtBy: ["I17"],
  ports: (ran) => ({
    wrapFiles(files) {
      const damage = damageOf(files);
      if (damage === null) return files;
      ran();
      const isKept = (name: string) => !isSegment(name) || name <= damage.name;
      const seen = filesThrough(files, (file, name) =>
        fileWith(file, {
          read: (position, length) => without(damage, name, position, file.read(position, length)),
        }),
      );
      return { ...seen, list: () => files.list().filter(isKept) };
    },
  }),
  // The bit is in the newest segment, where nothing but the mark tells damage from a torn tail.
  script: {
    seedsMax: 1,
    play({ kit, run }) {
      const leader = kit.leader();
      const [victim] = kit.others(leader);
      if (victim === undefined) throw new Error("three nodes");
      for (let count = 0; count < 10; count++) kit.set("key", `${count}`).wait();
      kit.run(MARKED_MS);
      kit.kill(victim);
      const { name, borders } = newestSegment(victim.disk) ?? { name: "", borders: [] };
      victim.disk.flipBit(name, (borders.at(-3) ?? 0) + RECORD_HEADER_BYTES);
      run.allowForgetting(victim, "anything");
      kit.boot(victim);
    },
  },
};
