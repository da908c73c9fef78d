/** What a node holds on to for the whole of its life must not grow with its log. */

import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import { defaultLimits } from "../../src/actors/limits";
import { NodeActor } from "../../src/actors/node.actor";
import type { Transport } from "../../src/actors/transport";
import { SimulatedDisk } from "../../src/simulation/disk";
import { openStore } from "../../src/store/open-store";
import { PatientLog } from "../../src/store/patient-log";
import { clusterId, diskId, logIndex, nodeId } from "../../src/types";
import { founders, ManualClock, makeEntries } from "../store/store-rig";

const ENTRIES = 5000;
const NODES = 6;

function open(disk: SimulatedDisk) {
  const clock = new ManualClock();
  const opened = openStore(disk.mount(clock), {
    nodeId: nodeId(1),
    clusterId: clusterId("c"),
    founders,
    drawDiskId: () => diskId("d"),
    onDurable: () => {},
    onFatal: () => expect.unreachable(),
  });
  return { ...opened, clock };
}

function longLog(): SimulatedDisk {
  const disk = new SimulatedDisk();
  const { clock, store } = open(disk);
  store.append(makeEntries(1, ENTRIES), { generation: 0, commitIndex: logIndex(0) });
  store.close(() => {});
  clock.run();
  return disk;
}

const silent: Transport = {
  start: () => Promise.resolve(),
  send: () => true,
  links: () => [],
  disconnect: () => {},
  setPeers: () => {},
  stop: () => Promise.resolve(),
};

function startNode(disk: SimulatedDisk): NodeActor {
  const { clock, identity, projection, recovered, snapshots, store } = open(disk);
  expect(recovered.entries.length).toBe(ENTRIES);
  return new NodeActor({
    identity,
    recovered,
    log: new PatientLog(store),
    projection,
    snapshots,
    compaction: { snapshotIntervalMs: 300_000, snapshotEntries: 100_000 },
    transport: silent,
    clock: { ...stillClock, setTimeout: (fire, ms) => clock.setTimeout(fire, ms) },
    logger: () => {},
    timing: { electionTimeoutMs: 500, heartbeatIntervalMs: 100 },
    limits: defaultLimits,
    apiAddress: "127.0.0.1:8081",
    peerAddress: null,
    onFailure: () => expect.unreachable(),
    onRemoved: () => expect.unreachable(),
  });
}

const stillClock = {
  nowMs: () => 0,
  wallMs: () => 0,
  clearTimeout: () => {},
  defer: () => {},
};

/** Objects alive, once the stack of whoever made them is gone. */
async function objectCount(): Promise<number> {
  await new Promise(setImmediate);
  Bun.gc(true);
  return heapStats().objectCount;
}

test("a node lets the summaries of its log's entries go once it has read them", async () => {
  const disks = Array.from({ length: NODES }, longLog);
  const before = await objectCount();
  const nodes = disks.map(startNode);
  const grown = (await objectCount()) - before;
  // Several, for the collector may take a trace on the stack for a use of the last one's.
  expect(grown).toBeLessThan((NODES * ENTRIES) / 2);
  expect(nodes.map(({ appliedIndex }) => Number(appliedIndex))).toEqual(nodes.map(() => 0));
});
