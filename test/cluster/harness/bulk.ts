/** Much data at once: written as fast as the cluster takes it, and read back whole. */
import { expect } from "bun:test";
import { ApiClient, type KeyBody, type ListBody } from "./api-client";
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

/** Shows `take` all that `node` itself holds, page by page; ask when nobody writes. */
async function readAll(cluster: Cluster, node: NodeProcess, take: (page: ListBody) => void) {
  await cluster.ask(node, async (client) => {
    for (let cursor: string | null = ""; cursor !== null; ) {
      const from = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const reply = await client.list(`consistency=stale&limit=${LIST_LIMIT}${from}`);
      if (!reply.ok) throw new Error(`node ${node.id}: ${reply.code} ${reply.detail}`);
      take(reply.body);
      cursor = reply.body.next_cursor;
    }
  });
}

/** Every key of `node`, with its revisions. */
export async function itemsOf(cluster: Cluster, node: NodeProcess): Promise<readonly KeyBody[]> {
  const items: KeyBody[] = [];
  await readAll(cluster, node, (page) => items.push(...page.items));
  return items;
}

/** The same in brief, for many keys: equal where all keys, values and revisions are. */
export async function digestOf(cluster: Cluster, node: NodeProcess) {
  const hash = new Bun.CryptoHasher("sha256");
  let keys = 0;
  let revision = 0;
  await readAll(cluster, node, (page) => {
    hash.update(JSON.stringify(page.items));
    keys += page.items.length;
    revision = page.revision;
  });
  return { keys, revision, digest: hash.digest("hex") };
}

/** Errors: the nodes that run do not all hold the same. Answers what they hold. */
export async function sameContents(cluster: Cluster) {
  const [first, ...others] = await Promise.all(
    cluster.running.map((node) => digestOf(cluster, node)),
  );
  if (!first) throw new Error("no node is running");
  for (const other of others) expect(other).toEqual(first);
  return first;
}
