/**
 * "If existing log entry has same index and term as snapshot's last included entry, retain log
 * entries following it" (Raft figure 13, step 6), with every invariant looking on. Chance hardly
 * ever brings it about: a snapshot must come in whole while a later leader, who does not know yet
 * how much is committed, sends the very entries that it stands for.
 */
import { expect, test } from "bun:test";
import type { SimulatedNode } from "../../src/simulation/node";
import { demandProgress } from "./liveness";
import { installs } from "./marks";
import { compact } from "./mutants/lagging";
import { playScript } from "./mutants/script";

/** Long enough for an election, and for what the next leader sends. Units: ms. */
const SNAPSHOT_SYNC_MS = 600;
const LOG_SYNC_MS = 3000;

/** It votes in time, is long over a snapshot, and longer over its log. */
function slowDown(node: SimulatedNode): void {
  let file = "";
  node.diskFault = ({ name }) => {
    file = name;
    return null;
  };
  node.disk.syncDelayMs = () => {
    if (file.startsWith("log-")) return LOG_SYNC_MS;
    return file.startsWith("snapshot-") ? SNAPSHOT_SYNC_MS : 0;
  };
}

test("a follower keeps its tail behind a snapshot", () => {
  const kept: number[] = [];
  const play: Parameters<typeof playScript>[0]["play"] = ({ kit, run }) => {
    const old = kit.leader();
    kit.run(1000);
    const [follower, next] = kit.others(old);
    if (follower === undefined || next === undefined) throw new Error("three nodes");
    run.cluster.observe({
      onChanged(node, after, before) {
        if (node !== follower || !installs(node, after, before)) return;
        kept.push(after.log.lastIndex - (after.snapshot?.lastIndex ?? 0));
      },
    });
    kit.isolate(follower);
    // For one that was heard of late the leader would keep what it needs.
    kit.run(1000);
    compact(kit, old);
    kit.set("key", "held by two", { on: old }).wait();
    kit.takeSnapshot(old).wait();

    // The next leader holds all of it, but is not told any more that it is committed.
    kit.heal();
    kit.cut(old, next);
    slowDown(follower);
    kit.until(() => follower.running?.actor.raft.context.receiving !== null);
    kit.run(50);
    kit.kill(old);
    kit.heal();
    expect(kit.leader()).toBe(next);
    kit.run(LOG_SYNC_MS);
    follower.diskFault = () => null;
    run.useOwnDisk(follower);
    demandProgress(run);
  };
  playScript({ seedsMax: 1, play }, "kept tail", {});
  expect(kept).toEqual([1]);
});
