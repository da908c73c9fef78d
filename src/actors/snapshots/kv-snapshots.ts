import type { KvProjection } from "../../store/kv-projection";
import type { SnapshotReceiving, SnapshotStore } from "../../store/ports";
import type { StateCut } from "../../store/state-cut";

/** The snapshots of the key-value map. */
export type KvSnapshots = SnapshotStore<StateCut, KvProjection>;
export type KvSnapshotReceiving = SnapshotReceiving<KvProjection>;
