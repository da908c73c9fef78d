/** A log that never grows without end: the directory and the memory of a node that snapshots. */
import { expect, test } from "bun:test";
import { bulkKey, sameContents, writeBulk } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import { type DirectorySize, largestDirectory, residentBytes } from "../harness/footprint";
import { sized } from "../harness/size";

const MiB = 1024 * 1024;
const SEGMENT_BYTES = 16 * MiB;
const KEYS = 1_000;
const flags = ["--snapshot-entries", "2000"];

/** What a directory may never exceed, for so much live data. */
const directoryBytesMax = (valueBytes: number) =>
  4 * KEYS * (bulkKey(0).length + valueBytes) + 2 * SEGMENT_BYTES;

/** The log's newest entries are kept in memory, up to so much; and a heap keeps what it frees. */
const CACHE_MIB = 8;
const HEAP_MIB = 88;

function expectWithin({ bytes, files }: DirectorySize, bytesMax: number): void {
  console.log(
    `directory at most ${(bytes / MiB).toFixed(1)} of ${(bytesMax / MiB).toFixed(1)} MiB`,
  );
  if (bytes > bytesMax) console.log(files.join("\n"));
  expect(bytes).toBeLessThan(bytesMax);
}

const memory = (cluster: Cluster) =>
  Math.max(...cluster.nodes.map((node) => residentBytes(node) / MiB));

/** Every node has cut its log. */
const allCut = (cluster: Cluster, entries: number) =>
  eventually("every log to be cut", 10_000, async () => {
    const pages = await Promise.all(
      cluster.nodes.map((node) => cluster.ask(node, (client) => client.log(""))),
    );
    const isCut = pages.every((page) => page.ok && (page.body.items[0]?.index ?? 0) > entries);
    return isCut ? true : null;
  });

test("256-byte values: the directory and the memory stay flat over ten times as many writes", () =>
  withCluster({ flags }, async (cluster) => {
    const valueBytes = 256;
    // A heap takes some 100,000 writes to find its size.
    const writes = sized(20_000, 1_000_000);
    let warm = 0;
    const largest = await largestDirectory(cluster, async () => {
      await writeBulk(cluster, { writes: writes / 10, keys: KEYS, valueBytes });
      warm = memory(cluster);
      await writeBulk(cluster, { writes, keys: KEYS, valueBytes });
    });
    const full = memory(cluster);
    console.log(`memory ${warm.toFixed(0)} MiB after a tenth, ${full.toFixed(0)} MiB at the end`);
    expectWithin(largest, directoryBytesMax(valueBytes));
    expect(full).toBeLessThan(warm + CACHE_MIB + HEAP_MIB);
    await allCut(cluster, writes / 2);
    await cluster.caughtUp();
    expect((await sameContents(cluster)).keys).toBeGreaterThanOrEqual(KEYS);
  }));

test("10 KiB values: four times the live data and two segments are room enough", () =>
  withCluster({ flags }, async (cluster) => {
    const valueBytes = 10 * 1024;
    const writes = sized(8_000, 200_000);
    await writeBulk(cluster, { writes: KEYS, keys: KEYS, valueBytes });
    const largest = await largestDirectory(cluster, () =>
      writeBulk(cluster, { writes, keys: KEYS, valueBytes }),
    );
    expectWithin(largest, directoryBytesMax(valueBytes));
    await allCut(cluster, writes / 2);
    await cluster.caughtUp();
    await sameContents(cluster);
  }));
