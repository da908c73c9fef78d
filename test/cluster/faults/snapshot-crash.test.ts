/**
 * `kill -9` at every failpoint of the snapshot path: write → fsync → rename → directory fsync → cut
 * of the log, on a node alone, which has nobody to get anything back from.
 */
import { expect, test } from "bun:test";
import { ApiClient } from "../harness/api-client";
import { withCluster } from "../harness/cluster";
import { eventually, pause } from "../harness/deadline";
import { type DiskCall, hasStrace, killingAt, lastDeeds } from "../harness/failpoints";
import type { NodeProcess } from "../harness/node-process";

const CLIENTS = 6;
/** With so many bytes a segment fills between two snapshots, and is worth being removed. */
const FILLER = "x".repeat(24 * 1024);
const flags = ["--snapshot-entries", "40"];
const KILLED_MS_MAX = 20_000;
const RETRY_PAUSE_MS = 20;

/** Where a node must have been killed, and the calls, one after the other, that lead there. */
const STAGES: readonly (readonly [stage: string, call: DiskCall, firstNth: number])[] = [
  ["pwrite64 growing snapshot", "pwrite64", 30],
  ["rename growing snapshot", "rename", 1],
  ["fsync directory, after rename growing snapshot", "fsync", 1],
  ["unlink snapshot", "unlink", 1],
  ["unlink log", "unlink", 1],
  ["fsync directory, after unlink log", "fsync", 1],
  ["fdatasync log", "fdatasync", 4],
];
const TRIES_MAX = 20;

/** One client with a key of its own, which it counts up: value and version must stay the same. */
class Counter {
  /** Acknowledged. */
  count = 0;

  constructor(private readonly key: string) {}

  /** Counts on as long as the node runs and each outcome is known. */
  async countOn(node: NodeProcess): Promise<void> {
    const client = new ApiClient(node.apiPort);
    while (node.isRunning) {
      const reply = await client.set(this.key, { count: this.count + 1, FILLER });
      if (reply.ok) this.count++;
      else if (reply.outcome === "not_applied") await pause(RETRY_PAUSE_MS);
      else break;
    }
    client.close();
  }

  /** Nothing acknowledged is lost, nothing is there twice; what was under way may be there. */
  async check(client: ApiClient): Promise<void> {
    const reply = await client.get(this.key);
    if (!reply.ok) throw new Error(`${this.key}: ${reply.code} ${reply.detail}`);
    const { value, version = 0 } = reply.body;
    const count = Number((value as { count?: number } | undefined)?.count ?? 0);
    expect(version).toBe(count);
    expect([this.count, this.count + 1]).toContain(count);
    this.count = count;
  }
}

/** Runs the node until it dies at the `nth` such call; answers what it was about to do. */
async function dieAt(
  node: NodeProcess,
  counters: readonly Counter[],
  { call, nth, tracePath }: { call: DiskCall; nth: number; tracePath: string },
): Promise<readonly string[]> {
  node.start(killingAt(call, nth, tracePath));
  const counting = counters.map((counter) => counter.countOn(node));
  await eventually(`the end at ${call} ${nth}`, KILLED_MS_MAX, () =>
    node.isRunning ? null : true,
  );
  await Promise.all(counting);
  const { before, last } = lastDeeds(tracePath);
  return [last, `${last}, after ${before}`];
}

test.skipIf(!hasStrace)("killed wherever it snapshots, a node loses nothing, doubles nothing", () =>
  withCluster({ size: 1, flags }, async (cluster) => {
    const node = cluster.node(1);
    const counters = Array.from({ length: CLIENTS }, (_, at) => new Counter(`counter-${at}`));
    const seen = new Set<string>();
    const killAt = async (call: DiskCall, nth: number) => {
      await node.kill();
      const tracePath = `${cluster.folder}/${call}-${nth}.strace`;
      for (const stage of await dieAt(node, counters, { call, nth, tracePath })) seen.add(stage);
      node.start();
      await cluster.writable();
      await cluster.ask(node, async (client) => {
        for (const counter of counters) await counter.check(client);
      });
    };
    for (const [stage, call, firstNth] of STAGES) {
      for (let tries = 0; tries < TRIES_MAX && !seen.has(stage); tries++) {
        await killAt(call, firstNth + tries);
      }
      expect([...seen]).toContain(stage);
    }
    console.log([...seen].sort().join("\n"));
  }),
);
