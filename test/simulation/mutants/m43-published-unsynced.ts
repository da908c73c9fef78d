import type { Mutant } from "./mutant";
import { filesThrough, fileWith } from "./wrapped-files";

const isSnapshot = (name: string): boolean => name.startsWith("snapshot-");

export const publishedUnsynced: Mutant = {
  id: "M43",
  bug: "A snapshot gets its name before its bytes are on disk, and the log is cut behind it.",
  source: "ClickHouse/ClickHouse#111339, hashicorp/consul#3362",
  caughtBy: ["I13", "I17"],
  ports: (ran) => ({
    wrapFiles: (files) =>
      filesThrough(files, (file, name) =>
        isSnapshot(name)
          ? fileWith(file, {
              startDataSync(done) {
                ran();
                // As long as a sync takes, but of another file.
                files.open("nothing.tmp", { create: true }).startDataSync(done);
              },
            })
          : file,
      ),
  }),
};
