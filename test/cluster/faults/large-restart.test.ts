/** A node with much to load is soon back. */
import { expect, test } from "bun:test";
import { digestOf, writeBulk } from "../harness/bulk";
import { withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import { foundedWith } from "../harness/founding-data";
import { sized } from "../harness/size";

const SERVING_MS_MAX = 5_000;
const KEYS = sized(100_000, 1_000_000);
const ENTRIES = sized(5_000, 50_000);

/** The log behind the snapshot stays: nothing makes a node take another. */
const flags = ["--snapshot-entries", "100000000", "--snapshot-interval", "60m"];
const founded = foundedWith({ keys: KEYS, valueBytes: 100 }, flags);

for (const [how, end] of [
  ["kill -9", "kill"],
  ["SIGTERM", "stop"],
] as const) {
  test(`${KEYS} keys in a snapshot and ${ENTRIES} entries, after ${how}: serving within 5 s`, () =>
    withCluster({ size: 1, ...founded }, async (cluster) => {
      const node = cluster.node(1);
      await writeBulk(cluster, { writes: ENTRIES, keys: KEYS, valueBytes: 100 });
      const held = await digestOf(cluster, node);
      await node[end]();
      const startMs = performance.now();
      node.start();
      await eventually("readiness", 60_000, async () => {
        const ready = await cluster.ask(node, (client) => client.isReady());
        const read = await cluster.ask(node, (client) => client.get("bulk/0000000"));
        return ready.ok && read.ok ? true : null;
      });
      const tookMs = performance.now() - startMs;
      console.log(
        `serving after ${Math.round(tookMs)} ms; ${node
          .log()
          .match(/entries=\d+/g)
          ?.at(-1)}`,
      );
      expect(
        Number(
          node
            .log()
            .match(/entries=(\d+)/g)
            ?.at(-1)
            ?.slice(8),
        ),
      ).toBeGreaterThan(ENTRIES);
      expect(tookMs).toBeLessThan(SERVING_MS_MAX);
      expect(await digestOf(cluster, node)).toEqual(held);
    }));
}
