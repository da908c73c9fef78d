import { failedSync } from "../actions/failed-sync";
import type { Mutant } from "./mutant";
import { filesThrough, fileWith } from "./wrapped-files";

export const syncRetried: Mutant = {
  id: "M55",
  bug: "A sync that failed is tried again, succeeds, and is believed.",
  source: "cockroachdb/cockroach#37102, tikv/raft-engine#131",
  caughtBy: ["I11", "I16", "I7", "I17", "I2", "I3"],
  ports: (ran) => ({
    wrapFiles: (files) =>
      filesThrough(files, (file) =>
        fileWith(file, {
          startDataSync(done) {
            file.startDataSync((error) => {
              if (error === null) done(null);
              else {
                ran();
                file.startDataSync(done);
              }
            });
          },
        }),
      ),
  }),
  // What the failed sync should have saved is lost, and acknowledged all the same.
  script: {
    seedsMax: 1,
    play({ kit, run }) {
      const [victim] = kit.others(kit.leader());
      if (victim === undefined) throw new Error("three nodes");
      kit.run(1000);
      failedSync.perform(run, { node: victim.id, file: "log-", downMs: DOWN_MS }, 0);
      kit.set("key", "kept").wait();
      kit.run(2 * DOWN_MS);
    },
  },
};

/** Until the victim would be started again. Units: ms. */
const DOWN_MS = 500;
