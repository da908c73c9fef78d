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
};
