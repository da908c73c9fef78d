/** Answers of the API as the page's view models take them. */
import type { Live, StatusNode, Transition } from "../../../src/api/dashboard/page/answers";

/** A follower's own word; `change` says what is not as usual. */
export const liveOf = (node: number, change: Partial<Live> = {}): Live => ({
  node,
  monotonic_ms: 1_000,
  wall_ms: 1_700_000_000_000,
  last_seq: 9,
  state: "follower.leased",
  role: "Follower",
  term: 3,
  leader_id: 1,
  ready: true,
  trouble: null,
  log: {
    base_index: 0,
    snapshot_index: null,
    applied_index: 10,
    commit_index: 11,
    durable_index: 12,
    last_index: 12,
    bytes_written: 1_000,
    syncs: 10,
  },
  store: { keys: 2, revision: 9 },
  disk: { has_room: true, full: false },
  interval_ms: 500,
  entries_per_second: 10,
  syncs_per_second: 5,
  writes: requests(),
  reads: requests(),
  peers: [],
  ...change,
});

export const requests = (change: Partial<Live["writes"]> = {}): Live["writes"] => ({
  under_way: 0,
  total: 0,
  failed: 0,
  per_second: null,
  p50_ms: null,
  p90_ms: null,
  p99_ms: null,
  ...change,
});

export const peerOf = (
  id: number,
  sent: Readonly<Record<string, number>>,
): Live["peers"][number] => ({
  id,
  voter: true,
  healthy: true,
  last_contact_ms: 5,
  link: "open",
  reason: null,
  replicator: null,
  match_index: null,
  next_index: null,
  in_flight: null,
  snapshot: null,
  sent: { ...sent },
  received: {},
});

/** A node as another tells of it. */
export const toldOf = (id: number, change: Partial<StatusNode> = {}): StatusNode => ({
  id,
  address: `127.0.0.1:808${id}`,
  peer_address: `127.0.0.1:908${id}`,
  peers: [],
  role: "Follower",
  healthy: true,
  voter: true,
  term: 2,
  commit_index: 5,
  applied_index: 4,
  last_log_index: 6,
  snapshot_index: null,
  last_contact_ms: 7,
  ...change,
});

/** A transition of the Raft chart; numbers follow the time where none is given. */
export const moved = (
  node: number,
  wallMs: number,
  change: Partial<Transition> = {},
): Transition => ({
  seq: wallMs,
  node,
  machine: "raft",
  from: "follower.awaiting",
  event: "after electionTimeout",
  to: "preCandidate",
  term: 1,
  index: null,
  reason: "heard no leader",
  monotonic_ms: wallMs,
  wall_ms: wallMs,
  ...change,
});
