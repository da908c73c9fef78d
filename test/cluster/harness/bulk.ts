/** Much data at once: written as fast as the cluster takes it, and read back whole. */
import { ApiClient, type KeyBody } from "./api-client";
import type { Cluster } from "./cluster";
import { eventually } from "./deadline";
import type { NodeProcess } from "./node-process";

export interface BulkOptions {
  /** Sets, over the keys in turn. */
  readonly writes: number;
  readonly keys: number;
  /** Random bytes: what is compressed says nothing about the room that data needs. */
  readonly valueBytes: number;
  /** By default all that run. */
  readonly nodes?: readonly NodeProcess[];
}

const CLIENTS = 48;
/** Longer than an election on a busy machine. */
const WRITE_MS_MAX = 10_000;
const LIST_LIMIT = 1_000;

export const bulkKey = (at: number) => `bulk/${String(at).padStart(7, "0")}`;

/** Again and again: whether an earlier try was applied makes no difference to a set of bytes. */
async function putSurely(client: ApiClient, key: string, bytes: Uint8Array): Promise<void> {
  await eventually(`a write of ${key}`, WRITE_MS_MAX, async () => {
    const reply = await client.put(key, bytes);
    if (!reply.ok) throw new Error(`node at ${client.port}: ${reply.code} ${reply.detail}`);
    return true;
  });
}

/** Sets keys until it was done `writes` times. Errors: one could not be. */
export async function writeBulk(cluster: Cluster, options: BulkOptions): Promise<void> {
  const { keys, nodes = cluster.running, valueBytes, writes } = options;
  let begun = 0;
  const live = async () => {
    const client = new ApiClient(cluster.inTurn(nodes).apiPort);
    while (begun < writes) {
      const value = crypto.getRandomValues(new Uint8Array(valueBytes));
      await putSurely(client, bulkKey(begun++ % keys), value);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: Math.min(CLIENTS, writes) }, live));
}

/** All that `node` itself holds, with the revision it is at; ask when nobody writes. */
export async function contents(cluster: Cluster, node: NodeProcess) {
  const items: KeyBody[] = [];
  const revision = await cluster.ask(node, async (client) => {
    for (let cursor = ""; ; ) {
      const reply = await client.list(`consistency=stale&limit=${LIST_LIMIT}${cursor}`);
      if (!reply.ok) throw new Error(`node ${node.id}: ${reply.code} ${reply.detail}`);
      items.push(...reply.body.items);
      if (reply.body.next_cursor === null) return reply.body.revision;
      cursor = `&cursor=${encodeURIComponent(reply.body.next_cursor)}`;
    }
  });
  return { revision, items };
}

/** Errors: the nodes that run do not all hold the same. Answers what they hold. */
export async function sameContents(cluster: Cluster) {
  const [first, ...others] = await Promise.all(
    cluster.running.map((node) => contents(cluster, node)),
  );
  if (!first) throw new Error("no node is running");
  const text = JSON.stringify(first);
  for (const other of others) {
    if (JSON.stringify(other) !== text) throw new Error("the nodes hold different states");
  }
  return first;
}
