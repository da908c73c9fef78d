/** What the tests of §7 share: a follower, a snapshot on its way to it, and its end. */
import { expect } from "bun:test";
import { type ConfigurationEntry, logIndex, type SnapshotInfo } from "../../src/types";
import { MachineDriver, type NodeFacts } from "./machine-driver";
import {
  chunkReply,
  hardState,
  installSnapshot,
  logOf,
  snapshotAt,
  votersUpTo,
} from "./raft-words";

/** Up to entry 6, of term 2; three chunks of ten bytes. */
export const snapshot = snapshotAt([6, 2], { byteLength: 30 });
export const chunk = (offset: number, { of = snapshot, inTerm = 3, size = 10, round = 0 } = {}) =>
  installSnapshot({ term: inTerm, snapshot: of, offset, size, round });
export const received = (bytes: number, { of = snapshot, inTerm = 3, round = 0 } = {}) =>
  chunkReply({ term: inTerm, snapshot: of, received: bytes, round });

export const configuration: ConfigurationEntry = {
  index: logIndex(5),
  configuration: votersUpTo(3),
};
export const loaded = (of: SnapshotInfo = snapshot) => ({
  type: "snapshot.loaded" as const,
  snapshot: of,
  configuration,
});
export const failed = (of: SnapshotInfo = snapshot) => ({
  type: "snapshot.failed" as const,
  snapshot: of,
});

export const follower = (terms: readonly number[], facts: Partial<NodeFacts> = {}) =>
  new MachineDriver({ hardState: hardState(3), log: logOf(...terms), ...facts });

/** Everything has come in, and is being loaded. */
export function receiveAll(node: MachineDriver, of = snapshot): MachineDriver {
  for (let offset = 0; offset < of.byteLength; offset += 10) {
    node.receive(2, chunk(offset, { of }));
  }
  expect(node.context.receiving).toMatchObject({ snapshot: of, receivedBytes: of.byteLength });
  return node;
}
