/** Snapshots that hand everything on: the ground for whoever watches one call or changes it. */
import type { KvSnapshotReceiving, KvSnapshots } from "../actors/snapshots/kv-snapshots";
import type { SnapshotWriting } from "../store/ports";
import type { SnapshotInfo } from "../types";

export class DelegatingSnapshots implements KvSnapshots {
  constructor(protected readonly snapshots: KvSnapshots) {}

  get published(): readonly SnapshotInfo[] {
    return this.snapshots.published;
  }
  get isNeeded(): (info: SnapshotInfo) => boolean {
    return this.snapshots.isNeeded;
  }
  set isNeeded(isNeeded: (info: SnapshotInfo) => boolean) {
    this.snapshots.isNeeded = isNeeded;
  }

  write(...args: Parameters<KvSnapshots["write"]>): SnapshotWriting {
    return this.snapshots.write(...args);
  }

  receive(info: SnapshotInfo): KvSnapshotReceiving {
    return this.snapshots.receive(info);
  }

  read(info: SnapshotInfo, offset: number, byteLength: number): Uint8Array {
    return this.snapshots.read(info, offset, byteLength);
  }
}

/** The same snapshot coming in, but for what `changes` says. */
export const receivingWith = (
  receiving: KvSnapshotReceiving,
  changes: Partial<KvSnapshotReceiving>,
): KvSnapshotReceiving => ({
  info: receiving.info,
  write: (offset, bytes) => receiving.write(offset, bytes),
  sync: (done) => receiving.sync(done),
  loadSlice: () => receiving.loadSlice(),
  publish: () => receiving.publish(),
  abandon: () => receiving.abandon(),
  ...changes,
});
