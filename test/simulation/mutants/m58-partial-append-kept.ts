import { type File, NoSpaceError } from "../../../src/store/ports";
import { isSegment } from "../stored-log";
import type { Mutant } from "./mutant";
import { MARKED_MS } from "./tail-lost";
import { filesThrough, fileWith, isZeros, ShiftedFile } from "./wrapped-files";

/** How many bytes of a refused write are in the file. */
function takenOf(file: File, position: number, bytes: Uint8Array): number {
  const there = file.read(position, bytes.length);
  const end = bytes.findIndex((byte, at) => there[at] !== byte);
  return end === -1 ? bytes.length : end;
}

function appending(real: File, ran: () => void): File {
  const behind = new ShiftedFile(real);
  return fileWith(behind.file, {
    write(position, bytes) {
      const at = behind.shifted(position);
      try {
        return real.write(at, bytes);
      } catch (error) {
        const taken = isZeros(bytes) ? 0 : takenOf(real, at, bytes);
        if (error instanceof NoSpaceError && taken > 0) {
          behind.passOver(position, taken);
          ran();
        }
        throw error;
      }
    },
  });
}

export const partialAppendKept: Mutant = {
  id: "M58",
  bug: "What a full disk took of a refused append stays in the log, and appends go on behind it.",
  source: "timeplus-io/proton#1229, hashicorp/raft-wal#32",
  caughtBy: ["I17", "I19"],
  ports: (ran) => ({
    wrapFiles: (files) =>
      filesThrough(files, (file, name) => (isSegment(name) ? appending(file, ran) : file)),
  }),
  // A follower's disk refuses half an append, takes the next one, and is read again.
  script: {
    seedsMax: 1,
    play({ kit }) {
      const [victim] = kit.others(kit.leader());
      if (victim === undefined) throw new Error("three nodes");
      kit.run(1000);
      victim.diskFault = ({ kind, name }) => {
        if (kind !== "write" || !isSegment(name)) return null;
        victim.diskFault = () => null;
        return { kind: "noSpace", bytesTaken: 60 };
      };
      for (let count = 0; count < 3; count++) kit.set("key", `${count}`).wait();
      kit.until(() => kit.isAgreed);
      kit.run(MARKED_MS);
      kit.kill(victim);
      kit.boot(victim);
    },
  },
};
