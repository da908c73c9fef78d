import { RECORD_HEADER_BYTES } from "../../../src/codec/record";
import type { File } from "../../../src/store/ports";
import { isSegment, newestSegment } from "../stored-log";
import type { Mutant } from "./mutant";
import { MARKED_MS } from "./tail-lost";
import { filesThrough, fileWith, isZeros, ShiftedFile } from "./wrapped-files";

/** Zeros over something that is there are a tail being trimmed: here it stays. */
function untrimmed(real: File, ran: () => void): File {
  const behind = new ShiftedFile(real);
  return fileWith(behind.file, {
    write(position, bytes) {
      const at = behind.shifted(position);
      const there = real.read(at, bytes.length);
      if (!isZeros(bytes) || isZeros(there)) return real.write(at, bytes);
      behind.passOver(position, there.findLastIndex((byte) => byte !== 0) + 1);
      ran();
      return bytes.length;
    },
  });
}

export const tailNotTrimmed: Mutant = {
  id: "M57",
  bug: "A torn tail is passed over at a start and stays: appends go on behind it, out of reach.",
  source: "amelielabs/amelie#17, etcd-io/etcd#6515",
  caughtBy: ["I17", "I19"],
  ports: (ran) => ({
    wrapFiles: (files) =>
      filesThrough(files, (file, name) => (isSegment(name) ? untrimmed(file, ran) : file)),
  }),
  // A follower's last append is torn before any sync has covered it; it goes on, and starts again.
  script: {
    seedsMax: 1,
    play({ kit }) {
      const [victim] = kit.others(kit.leader());
      if (victim === undefined) throw new Error("three nodes");
      kit.run(1000);
      victim.disk.syncDelayMs = () => null;
      kit.set("key", "torn").wait();
      kit.until(() => kit.isAgreed);
      kit.kill(victim);
      const { borders, name } = newestSegment(victim.disk) ?? { borders: [], name: "" };
      victim.disk.flipBit(name, (borders.at(-2) ?? 0) + RECORD_HEADER_BYTES);
      victim.disk.syncDelayMs = () => 0;
      kit.boot(victim);
      kit.run(MARKED_MS);
      kit.kill(victim);
      kit.boot(victim);
    },
  },
};
