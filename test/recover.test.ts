/** One node is left of three: it becomes the only voter, with all that its log holds. */
import { describe, expect, test } from "bun:test";
import { encodeEntry } from "../src/codec/entries";
import { carryOut, planRecovery } from "../src/recover";
import type { OpenedStore } from "../src/store/open-store";
import {
  type Configuration,
  diskId,
  foundedBy,
  logIndex,
  membersOf,
  nodeId,
  type RemovedMember,
  term,
} from "../src/types";
import { randomFrom } from "./seeded-random";
import { SEGMENT } from "./store/damaged-log";
import { founders, StoreRig } from "./store/store-rig";

const DISK = diskId("d");
const WALL_MS = 1_000_000;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** A disk whose store neither rig nor test follows: recovery appends what nobody has promised. */
class Survivor {
  readonly rig = new StoreRig();

  constructor() {
    this.rig.isDamaged = true;
  }

  open(): OpenedStore {
    return this.rig.open({ clusterId: null, founders: null, onDurable: () => {} });
  }

  /** Founded, with entries of term 1 and a vote in term 4. */
  static withEntries(count: number): Survivor {
    const survivor = new Survivor();
    const opened = survivor.rig.open();
    for (let entry = 0; entry < count; entry++) survivor.rig.append(opened, 1);
    for (const candidate of [1, 2, 3, 2]) survivor.rig.vote(opened, candidate);
    survivor.rig.close(opened);
    return survivor;
  }

  /** Appends a configuration as the log's next entry, of term 4. */
  configure(configuration: Configuration): void {
    const opened = this.open();
    const place = {
      index: logIndex(opened.store.lastIndex + 1),
      term: term(4),
      timeMs: 2 * WALL_MS,
    };
    const entry = encodeEntry({ kind: "configuration", configuration }, place);
    opened.store.append([entry], { generation: 0, commitIndex: logIndex(0) });
    this.rig.close(opened);
  }

  /** Does it, and returns what it planned. */
  recover() {
    const opened = this.open();
    const recovery = planRecovery(opened, null);
    let isDone = false;
    carryOut(recovery, opened, {
      wallMs: WALL_MS,
      done: () => {
        isDone = true;
      },
    });
    this.rig.clock.run();
    expect(isDone).toBe(true);
    return recovery;
  }
}

const alone = { id: nodeId(1), peerAddress: "127.0.0.1:9081", diskId: DISK };
const tombstones: readonly RemovedMember[] = [2, 3].map((id) => ({ id: nodeId(id), diskId: null }));

describe("recovery", () => {
  test("makes a founder the only voter, in a new term, with the log behind it", () => {
    const survivor = Survivor.withEntries(5);
    const before = survivor.open();
    const records = survivor.rig.records(before).map(hexOf);
    survivor.rig.close(before);
    survivor.recover();
    const { recovered, store } = survivor.open();
    expect(recovered.hardState).toEqual({ term: term(5), votedFor: null });
    const [last] = store.read(logIndex(6), logIndex(6), 1);
    expect(last).toMatchObject({
      term: 5,
      timeMs: WALL_MS,
      configuration: { voters: [alone], learners: [], removed: tombstones },
    });
    const log = store.read(logIndex(1), logIndex(5), Number.POSITIVE_INFINITY);
    expect(log.map(({ record }) => hexOf(record))).toEqual(records);
    expect(recovered.entries.at(-1)?.configuration?.voters).toEqual([alone]);
  });

  test("goes by the latest configuration in the log, committed or not", () => {
    const survivor = Survivor.withEntries(2);
    const others = [4, 5].map((id) => ({
      id: nodeId(id),
      peerAddress: `h:${id}`,
      diskId: diskId(`d${id}`),
    }));
    const [voters, learners] = [others.slice(0, 1), others.slice(1)];
    survivor.configure({
      voters: [{ ...alone, peerAddress: "moved:1" }, ...voters],
      learners: learners.map((learner) => ({ ...learner, stays: true })),
      removed: tombstones,
    });
    const { configuration } = survivor.recover();
    expect(configuration).toEqual({
      voters: [{ ...alone, peerAddress: "moved:1" }],
      learners: [],
      removed: [...tombstones, ...others.map(({ id, diskId }) => ({ id, diskId }))],
    });
    const opened = survivor.open();
    const [last] = opened.store.read(logIndex(4), logIndex(4), 1);
    expect(last?.timeMs).toBe(2 * WALL_MS);
  });

  test("puts the survivor where it is told to be", () => {
    const opened = Survivor.withEntries(1).open();
    const [voter] = planRecovery(opened, "kv9.example:1").configuration.voters;
    expect(voter?.peerAddress).toBe("kv9.example:1");
  });

  test("may be repeated", () => {
    const survivor = Survivor.withEntries(3);
    survivor.recover();
    const { configuration, index, story } = survivor.recover();
    expect(configuration).toEqual({ voters: [alone], learners: [], removed: tombstones });
    expect(index).toBe(logIndex(5));
    expect(story.join()).toContain("removes nobody for good");
  });

  test("cut off at any operation leaves the old members or the new, and the log", () => {
    const whole = Survivor.withEntries(4);
    const count = whole.rig.operationsOf(() => whole.recover());
    const seen = new Set<number>();
    for (let operation = 0; operation <= count; operation++) {
      const survivor = Survivor.withEntries(4);
      survivor.rig.dieAt(operation);
      survivor.rig.survives(() => survivor.recover());
      survivor.rig.disk.crash(randomFrom(operation).random);
      survivor.rig.disk.onOperation = () => null;
      const opened = survivor.open();
      const { hardState, entries } = opened.recovered;
      const inForce = entries.at(-1)?.configuration ?? founders;
      expect(entries).toHaveLength(inForce === founders ? 4 : 5);
      expect(hardState.term).toBeGreaterThanOrEqual(entries.at(-1)?.term ?? 0);
      seen.add(membersOf(inForce).length);
      survivor.rig.close(opened);
      survivor.recover();
    }
    expect(seen).toEqual(new Set([3, 1]));
  });
});

describe("what is told before", () => {
  test("names what ends where, who goes, and what it may cost", () => {
    const { doubts, story } = planRecovery(Survivor.withEntries(5).open(), null);
    expect(doubts).toEqual([]);
    expect(story).toEqual([
      "node 1 of cluster c: its log ends with entry 5 of term 1, known to be committed up to " +
        "entry 0",
      "entry 6 of term 5 makes node 1 at 127.0.0.1:9081 the only voter, and removes nodes 2 and " +
        "3 for good",
      "warning: what was written from entry 1 on may never have been acknowledged, and becomes " +
        "permanent",
      "warning: writes that nodes 2 and 3 acknowledged and this node never got are lost",
      "warning: never start nodes 2 and 3 again with the old data: this cluster refuses them as " +
        "removed, and among themselves they might go on as a second one",
      "warning: nor any that was added while this node was away: its log does not know them",
    ]);
  });

  test("a log that has forgotten something speaks against it, and is let be when forced", () => {
    const survivor = Survivor.withEntries(5);
    survivor.rig.disk.lose(SEGMENT);
    const { doubts, index } = survivor.recover();
    expect(doubts).toEqual([
      "its log ends with entry 0, yet it has acknowledged entries up to 5, which are lost here: " +
        "another survivor may hold them",
    ]);
    expect(index).toBe(logIndex(1));
    const { recovered } = survivor.open();
    expect(recovered.forgottenUpTo).toBe(null);
    expect(recovered.entries.at(-1)?.configuration?.voters).toEqual([alone]);
  });

  test("a log in which it was removed, or was never known, speaks against it", () => {
    const removed = Survivor.withEntries(1);
    const others = founders.voters.slice(1);
    removed.configure({ ...foundedBy(others), removed: [{ id: nodeId(1), diskId: DISK }] });
    const { configuration, doubts } = planRecovery(removed.open(), "h:1");
    expect(doubts).toEqual([
      "its own log says that node 1 was removed: another survivor may know more",
    ]);
    expect(configuration.removed).toEqual(tombstones);

    const stranger = Survivor.withEntries(1);
    stranger.configure(foundedBy(others));
    const opened = stranger.open();
    expect(() => planRecovery(opened, null)).toThrow("give its --peer host:port");
    expect(planRecovery(opened, "h:1").doubts).toEqual([
      "its own log does not know node 1: it holds little or nothing of the cluster",
    ]);
  });
});
