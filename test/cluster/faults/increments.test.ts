/** The classic race: everyone reads a counter and writes back one more (promises 2 and 3). */
import { expect, test } from "bun:test";
import { seededRandom } from "../../seeded-random";
import { ApiClient } from "../harness/api-client";
import { type Cluster, withCluster } from "../harness/cluster";
import { pause } from "../harness/deadline";

const CLIENTS = 64;
const INCREMENTS_EACH = 5;
const BACKOFF_MS_MAX = 100;

/** Adds one, trying again whenever another client was faster. */
async function increment(client: ApiClient, backOff: () => Promise<void>): Promise<void> {
  for (;;) {
    const read = await client.get("counter");
    if (!read.ok) throw new Error(read.detail);
    const { value = 0, mod_revision = 0 } = read.body;
    const condition = mod_revision === 0 ? { ifNoneMatch: true } : { ifMatch: mod_revision };
    const written = await client.set("counter", Number(value) + 1, condition);
    if (written.ok) return;
    expect(written.code).toBe("precondition_failed");
    await backOff();
  }
}

async function incrementOften(cluster: Cluster, random: () => number): Promise<void> {
  const client = new ApiClient(cluster.inTurn().apiPort);
  for (let done = 0; done < INCREMENTS_EACH; done++) {
    await increment(client, () => pause(BACKOFF_MS_MAX * random()));
  }
  client.close();
}

test(`${CLIENTS} clients on three nodes increment one key: none is lost`, () =>
  withCluster({}, async (cluster) => {
    const { random } = seededRandom("increments");
    await Promise.all(Array.from({ length: CLIENTS }, () => incrementOften(cluster, random)));
    for (const node of cluster.nodes) {
      const read = await cluster.ask(node, (client) => client.get("counter"));
      expect(read.ok && read.body.value).toBe(CLIENTS * INCREMENTS_EACH);
      expect(read.ok && read.body.version).toBe(CLIENTS * INCREMENTS_EACH);
    }
  }));
