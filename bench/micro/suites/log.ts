/** The log on files in memory: appending, and reading everything back at a start. */
import { type OpenedStore, openStore } from "../../../src/store/open-store";
import { clusterId, diskId, foundedBy, type LogEntry, logIndex, nodeId } from "../../../src/types";
import { MemoryFiles } from "../memory-files";
import { keep, type MicroBenchmark } from "../micro-benchmark";
import { entriesFrom } from "../sample-data";

const ENTRIES = 6_400;

const entries = entriesFrom(1, ENTRIES);
const founders = foundedBy(
  [1, 2, 3].map((id) => ({ id: nodeId(id), peerAddress: `127.0.0.1:908${id}`, diskId: null })),
);

function openedOn(files: MemoryFiles): OpenedStore {
  return openStore(files, {
    nodeId: nodeId(1),
    clusterId: clusterId("micro"),
    founders,
    drawDiskId: () => diskId("disk"),
    onDurable: () => {},
    onFatal: (error) => {
      throw error;
    },
  });
}

const batchesOf = (size: number): readonly (readonly LogEntry[])[] =>
  Array.from({ length: ENTRIES / size }, (_, at) => entries.slice(at * size, (at + 1) * size));

function appendAll(batches: readonly (readonly LogEntry[])[], files: MemoryFiles): void {
  const { store } = openedOn(files);
  for (const batch of batches) {
    store.append(batch, { generation: 0, commitIndex: logIndex(0) });
    files.settle();
  }
}

const append = (size: number): MicroBenchmark => {
  const batches = batchesOf(size);
  return {
    name: `log: append an entry in batches of ${size}`,
    operations: ENTRIES,
    prepare() {
      const files = new MemoryFiles();
      const { store } = openedOn(files);
      return () => {
        for (const batch of batches) {
          store.append(batch, { generation: 0, commitIndex: logIndex(0) });
          files.settle();
        }
      };
    },
  };
};

const recover: MicroBenchmark = {
  name: "log: recover an entry at a start",
  operations: ENTRIES,
  prepare() {
    const files = new MemoryFiles();
    appendAll(batchesOf(64), files);
    return () => keep(openedOn(files).recovered.entries.length);
  },
};

export default [append(1), append(64), recover];
