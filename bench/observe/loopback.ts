/** Three nodes in this process: real store and real disk, messages handed over in memory. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { bunClock } from "../../src/actors/bun/clock";
import { DataDirectory } from "../../src/actors/bun/files";
import { defaultLimits } from "../../src/actors/limits";
import { NodeActor } from "../../src/actors/node.actor";
import type { LinkStatus, Transport, TransportHandlers } from "../../src/actors/transport";
import { Observatory } from "../../src/observe/observatory";
import { openStore } from "../../src/store/open-store";
import { PatientLog } from "../../src/store/patient-log";
import { clusterId, diskId, foundedBy, type NodeId, nodeId } from "../../src/types";

const IDS = [1, 2, 3].map(nodeId);
const ADDRESS = "127.0.0.1:9080";
const founders = foundedBy(IDS.map((id) => ({ id, peerAddress: ADDRESS, diskId: null })));

/** Hands messages over at the next turn of the loop, as sockets would. */
class Loopback {
  readonly #handlers = new Map<NodeId, TransportHandlers>();

  transportOf(id: NodeId): Transport {
    return {
      start: async (handlers) => {
        this.#handlers.set(id, handlers);
        for (const [peer, theirs] of this.#handlers) {
          if (peer === id) continue;
          handlers.onMet(theirs.hello());
          theirs.onMet(handlers.hello());
        }
      },
      setPeers: () => {},
      send: (to, message) => {
        const from = this.#handlers.get(id)?.hello();
        const receiver = this.#handlers.get(to);
        if (from === undefined || receiver === undefined) return false;
        setImmediate(() => this.#handlers.get(to)?.onMessage(from, message));
        return true;
      },
      disconnect: () => {},
      links: () => IDS.filter((peer) => peer !== id).map(openTo),
      stop: async () => {
        this.#handlers.delete(id);
      },
    };
  }
}

const openTo = (peer: NodeId): LinkStatus => ({
  peer,
  address: ADDRESS,
  state: "open",
  reason: null,
  aliveMs: null,
  isHeard: true,
  apiAddress: null,
  refusal: null,
});

export interface LoopbackCluster {
  readonly nodes: readonly NodeActor[];
  /** One a node; empty where nobody looks. */
  readonly observatories: readonly Observatory[];
  stop(): Promise<void>;
}

/** Starts a cluster under `path`; `isObserved` as in production, or with nobody who looks at it. */
export async function startCluster(path: string, isObserved: boolean): Promise<LoopbackCluster> {
  const loopback = new Loopback();
  const made = IDS.map((id) => makeNode(id, { path, loopback, isObserved }));
  for (const { node } of made) await node.start();
  const observatories = made.flatMap(({ observatory }) => observatory ?? []);
  for (const observatory of observatories) observatory.start();
  const nodes = made.map(({ node }) => node);
  while (!nodes.some(({ raft }) => raft.isServing)) await Bun.sleep(20);
  const stop = async () => {
    for (const observatory of observatories) observatory.end("stopped", "the measurement is over");
    for (const node of nodes) await node.stop();
  };
  return { nodes, observatories, stop };
}

interface NodePlace {
  readonly path: string;
  readonly loopback: Loopback;
  readonly isObserved: boolean;
}

function makeNode(id: NodeId, { isObserved, loopback, path }: NodePlace) {
  const directory = new DataDirectory(join(path, `${id}`));
  const fail = (error: unknown): never => {
    throw error;
  };
  const { identity, projection, recovered, snapshots, store } = openStore(directory, {
    nodeId: id,
    clusterId: clusterId("measured"),
    founders,
    drawDiskId: () => diskId(randomBytes(16).toString("hex")),
    onDurable: (lastIndex, generation) => node.onLogDurable(lastIndex, generation),
    onFatal: fail,
  });
  const shared = { clock: bunClock, identity, logger: () => {}, recovered };
  const look = () => node.situation();
  const observatory = isObserved ? new Observatory({ ...shared, files: directory, look }) : null;
  const transport = loopback.transportOf(id);
  const node: NodeActor = new NodeActor({
    ...shared,
    log: new PatientLog(store),
    projection,
    snapshots,
    compaction: { snapshotIntervalMs: 300_000, snapshotEntries: 100_000 },
    transport: observatory?.over(transport) ?? transport,
    ...(observatory && { watch: observatory.watch }),
    timing: { electionTimeoutMs: 2_000, heartbeatIntervalMs: 100 },
    limits: defaultLimits,
    apiAddress: "127.0.0.1:8080",
    peerAddress: null,
    onFailure: fail,
    onRemoved: fail,
  });
  return { node, observatory };
}
