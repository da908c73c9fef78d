import type { File } from "../../../src/store/ports";
import type { Mutant } from "./mutant";

export const syncRetried: Mutant = {
  id: "M55",
  bug: "A sync that failed is tried again, succeeds, and is believed.",
  source: "cockroachdb/cockroach#37102, tikv/raft-engine#131",
  caughtBy: ["I11", "I16", "I7", "I17", "I2", "I3"],
  ports: (ran) => ({
    wrapFiles: (files) => ({
      lock: () => files.lock(),
      unlock: () => files.unlock(),
      list: () => files.list(),
      exists: (name) => files.exists(name),
      rename: (from, to) => files.rename(from, to),
      remove: (name) => files.remove(name),
      syncDirectory: () => files.syncDirectory(),
      describe: (name) => files.describe(name),
      open: (name, options) => retrying(files.open(name, options), ran),
    }),
  }),
};

const retrying = (file: File, ran: () => void): File => ({
  size: () => file.size(),
  read: (position, length) => file.read(position, length),
  write: (position, bytes) => file.write(position, bytes),
  dataSync: () => file.dataSync(),
  startDataSync(done) {
    file.startDataSync((error) => {
      if (error === null) done(null);
      else {
        ran();
        file.startDataSync(done);
      }
    });
  },
  close: () => file.close(),
});
