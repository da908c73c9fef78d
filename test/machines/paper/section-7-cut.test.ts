/** Raft §7, and what is ours of it: how much of the log a leader cuts off. */
import { describe, expect, test } from "bun:test";
import { HELD_BYTES_MAX } from "../../../src/machines/raft/rules/snapshot";
import { logIndex, type SnapshotInfo } from "../../../src/types";
import { elect, MachineDriver } from "../machine-driver";
import { accepted, cuts, hardState, logOf, rejected, snapshotAt } from "../raft-words";

const published = (snapshot: SnapshotInfo, baseIndex: number) => ({
  type: "snapshot.published" as const,
  snapshot,
  baseIndex: logIndex(baseIndex),
});
const snapshot = snapshotAt([4, 2], { byteLength: 25 });

describe("ours: the log is not cut under a peer that catches up", () => {
  /** Leads term 4 of three; 3 has all of it, 2 answers and holds the first two entries. */
  const leading = () => {
    const node = new MachineDriver({
      hardState: hardState(3),
      log: logOf(1, 1, 2, 2, 3),
      commitIndex: 5,
    });
    elect(node);
    node.written(6);
    node.receive(3, accepted({ term: 4, match: 6 }));
    return node;
  };

  test("one that answers keeps what it needs next", () => {
    const node = leading();
    node.receive(2, accepted({ term: 4, match: 2 }));
    expect(node.hear(published(snapshot, 4)).effects).toEqual([cuts(2)]);
    node.receive(2, accepted({ term: 4, match: 6 }));
    expect(node.hear(published(snapshotAt([5, 3]), 4)).effects).toEqual([cuts(4)]);
  });

  test("one that is silent holds up nothing", () => {
    expect(leading().hear(published(snapshot, 4)).effects).toEqual([cuts(4)]);
  });

  test("one that gets a snapshot keeps what follows it", () => {
    const node = leading();
    node.hear(published(snapshot, 3));
    node.receive(2, rejected({ term: 4, prev: 5, conflict: [1, null] }));
    expect(node.context.leadership?.sending.size).toBe(1);
    expect(node.hear(published(snapshotAt([6, 4]), 5)).effects).toEqual([cuts(4)]);
  });

  test("one that is too far behind holds up nothing", () => {
    const node = leading();
    node.receive(2, accepted({ term: 4, match: 2 }));
    const bulky = new Uint8Array(HELD_BYTES_MAX + 1);
    node.hear({ type: "client.proposed", commands: [bulky] });
    expect(node.hear(published(snapshot, 4)).effects).toEqual([cuts(4)]);
  });
});
