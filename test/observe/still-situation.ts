/** A node of three that stands still, and an observatory on it: for those who change one thing. */
import type { Situation } from "../../src/actors/situation";
import { initialContext } from "../../src/machines/raft/context";
import type { RaftContext } from "../../src/machines/raft/vocabulary";
import { defaultWindow } from "../../src/machines/replicator.machine";
import { Observatory, type ObservatoryOptions } from "../../src/observe/observatory";
import type { Recovered } from "../../src/store/ports";
import {
  clusterId,
  foundedBy,
  incarnation,
  logIndex,
  nodeId,
  revision,
  term,
} from "../../src/types";
import { VirtualClock } from "../actors/links/virtual-clock";
import { diskOf, hardState, logOf, votersUpTo } from "../machines/raft-words";

const timing = { electionTimeoutMs: 500, heartbeatIntervalMs: 100 };

/** Node 1 of three in term 3, with five entries, of which all are committed. */
export const stillContext: RaftContext = initialContext({
  input: {
    id: nodeId(1),
    diskId: diskOf(1),
    peerAddress: null,
    timing,
    window: defaultWindow,
    seed: "still",
    hardState: hardState(3, 2),
    log: logOf(1, 1, 2, 3, 3),
    configurations: [{ index: logIndex(0), configuration: votersUpTo(3) }],
    commitIndex: logIndex(5),
    forgotten: null,
    snapshot: null,
  },
});

/** A follower to whom all is well; `change` says what is not. */
export const stillSituation = (change: Partial<Situation> = {}): Situation => ({
  id: nodeId(1),
  nowMs: 60_000,
  wallMs: 1_700_000_060_000,
  uptimeMs: 60_000,
  role: "Follower",
  leaderId: nodeId(2),
  context: stillContext,
  timing,
  quorum: { voters: 3, needed: 2, reachable: 3 },
  peers: [2, 3].map((id) => ({
    id: nodeId(id),
    voter: true,
    healthy: true,
    silenceMs: 20,
    hasRoom: true,
    link: {
      peer: nodeId(id),
      address: `node-${id}:9080`,
      state: "open",
      reason: null,
      aliveMs: null,
      isHeard: true,
      apiAddress: `node-${id}:8080`,
      refusal: null,
    },
  })),
  appliedIndex: logIndex(5),
  unreadiness: null,
  isLeaving: false,
  isStopping: false,
  writes: { underWay: 0, max: 8192 },
  readsUnderWay: 0,
  disk: {
    hasRoom: true,
    isFull: false,
    quorumHasRoom: true,
    lastIndex: logIndex(5),
    durableIndex: logIndex(5),
    bytesWritten: 500,
    syncs: 5,
    slowSyncMs: null,
  },
  store: { keys: 2, revision: revision(4) },
  ...change,
});

const recovered: Recovered = {
  hardState: hardState(3, 2),
  snapshot: null,
  base: { index: logIndex(5), term: term(3) },
  entries: [],
  commitIndex: logIndex(5),
  forgottenUpTo: null,
  trimmed: null,
  damagedSnapshots: [],
};

/** An observatory that has seen nothing but the start, on a clock of its own. */
export function stillObservatory(options: Partial<ObservatoryOptions> = {}) {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const observatory = new Observatory({
    identity: {
      nodeId: nodeId(1),
      clusterId: clusterId("c0ffee"),
      diskId: diskOf(1),
      incarnation: incarnation(2),
      founders: foundedBy([]),
      restoredFrom: null,
      listen: null,
      configured: null,
    },
    recovered,
    files: null,
    clock,
    logger: (level, message) => lines.push(`${level}: ${message}`),
    look: () => stillSituation({ nowMs: clock.nowMs() }),
    ...options,
  });
  return { clock, lines, observatory };
}
