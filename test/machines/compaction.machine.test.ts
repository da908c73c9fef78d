/** When a node takes snapshots: each event in each state, and all it asks its host for. */
import { describe, expect, test } from "bun:test";
import { createActor } from "xstate";
import {
  ALIGN_DELAY_MS,
  compactionMachine,
  NO_ROOM_DELAY_MS_MIN,
} from "../../src/machines/compaction.machine";
import { dueBytes, dueIndexAfter } from "../../src/machines/compaction-due";
import { logIndex } from "../../src/types";
import { seededRandom } from "../seeded-random";
import { after, begins, begun, finish, onTheWay, settings, start } from "./compaction-driver";

describe("a snapshot, from first to last", () => {
  test("cut, written, synced, published, and only then the log is cut", () => {
    const compaction = start();
    expect(compaction.state).toBe("idle");
    expect(compaction.apply(99)).toEqual([]);
    expect(compaction.apply(100)).toEqual([...begins]);
    expect(compaction.state).toEqual({ snapshotting: "writing" });
    expect(compaction.written()).toEqual(["syncSnapshot"]);
    expect(compaction.state).toEqual({ publishing: "syncing" });
    expect(compaction.sync()).toEqual(["publishSnapshot"]);
    expect(compaction.state).toEqual({ publishing: "naming" });
    // The log grows on, and tells so.
    expect(compaction.sync()).toEqual([]);
    expect(compaction.publish(100)).toEqual([]);
    expect(compaction.state).toBe("truncating");
    expect(compaction.cut()).toEqual(["finished published"]);
    expect(compaction.state).toBe("idle");
  });

  test("the cut waits until all that the log held when it turned is applied", () => {
    const compaction = start();
    expect(compaction.apply(100, 0, 103)).toEqual(["rollLog"]);
    expect(compaction.state).toEqual({ snapshotting: "aligning" });
    expect(compaction.apply(102, 0, 140)).toEqual([]);
    expect(compaction.apply(103, 0, 150)).toEqual(["beginSnapshot", "writeSnapshot"]);
  });

  test("it does not wait for what may never be applied", () => {
    const compaction = start();
    compaction.apply(100, 0, 103);
    expect(compaction.elapse(ALIGN_DELAY_MS)).toEqual(["beginSnapshot", "writeSnapshot"]);
  });

  test("what is applied meanwhile counts for the next one", () => {
    const compaction = begun();
    expect(compaction.apply(199)).toEqual([]);
    compaction.written();
    compaction.sync();
    compaction.apply(230);
    compaction.publish(100);
    // It is late already: the next begins at once.
    expect(compaction.cut()).toEqual(["finished published", ...begins]);
  });
});

describe("when one is due", () => {
  test("by applied entries, from the last one on", () => {
    const compaction = start({ lastSnapshot: { index: logIndex(400), bytes: 10 } });
    expect(compaction.apply(499)).toEqual([]);
    expect(compaction.apply(500)).toEqual([...begins]);
  });

  test("each node at its own place, half a spacing to one and a half away", () => {
    const seeded = seededRandom("compaction places");
    for (let round = 0; round < 2_000; round++) {
      const of = 1 + seeded.below(7);
      const phase = { of, rank: seeded.below(of) };
      const spacing = 1 + seeded.below(seeded.pick([3, 100, 100_000]));
      const last = seeded.below(1_000_000);
      const distance = dueIndexAfter(logIndex(last), spacing, phase) - last;
      expect(distance).toBeGreaterThanOrEqual(Math.max(1, spacing / 2));
      expect(distance).toBeLessThan(Math.max(2, 1.5 * spacing));
      // From then on it keeps its place.
      const due = last + distance;
      expect(dueIndexAfter(logIndex(due), spacing, phase) - due).toBe(spacing);
    }
  });

  test("the nodes of a cluster spread evenly over a spacing", () => {
    const places = [0, 1, 2].map((rank) => dueIndexAfter(logIndex(1_000), 300, { rank, of: 3 }));
    expect(places.map((place) => (place % 300) as number).sort((a, b) => a - b)).toEqual([
      0, 100, 200,
    ]);
  });

  test("by bytes of log: a minimum and a quarter of the last snapshot", () => {
    expect(dueBytes(1_000, 500)).toBe(1_125);
    const compaction = start();
    expect(compaction.apply(1, 999)).toEqual([]);
    expect(compaction.apply(2, 1_000)).toEqual([...begins]);
    compaction.apply(3, 1_100);
    finish(compaction, 2, 500);
    // Counted from where it began.
    expect(compaction.apply(4, 2_124)).toEqual([]);
    expect(compaction.apply(5, 2_125)).toEqual([...begins]);
  });

  test("by bytes too the nodes keep apart: the first wait is shorter by rank", () => {
    const compaction = start({ phase: { rank: 1, of: 2 } });
    expect(compaction.apply(1, 499)).toEqual([]);
    expect(compaction.apply(2, 500)).toEqual([...begins]);
    finish(compaction, 2, 0);
    expect(compaction.apply(3, 1_499)).toEqual([]);
    expect(compaction.apply(4, 1_500)).toEqual([...begins]);
  });

  test("a log within four times the live data: two spacings are half of the state", () => {
    expect(2 * dueBytes(1_000, 70_000)).toBe(35_000 + 2 * 1_000);
  });

  test("never for bytes of which nothing is applied", () => {
    expect(start().apply(0, 5_000)).toEqual([]);
  });

  test("by time, where anything was applied", () => {
    const compaction = start();
    expect(compaction.elapse(60_000)).toEqual([]);
    compaction.apply(1);
    expect(compaction.elapse(59_999)).toEqual([]);
    expect(compaction.elapse(1)).toEqual([...begins]);
    finish(compaction, 1);
    expect(compaction.elapse(180_000)).toEqual([]);
  });

  test("by time too the nodes keep apart", () => {
    const compaction = start({ phase: { rank: 1, of: 2 } });
    compaction.apply(1);
    expect(compaction.elapse(44_999)).toEqual([]);
    expect(compaction.elapse(1)).toEqual([...begins]);
    finish(compaction, 1);
    compaction.apply(2);
    expect(compaction.elapse(59_999)).toEqual([]);
    expect(compaction.elapse(1)).toEqual([...begins]);
    // With nothing to do it keeps its pace as well.
    const idle = start({ phase: { rank: 1, of: 2 } });
    idle.elapse(45_000);
    idle.apply(1);
    expect(idle.elapse(59_999)).toEqual([]);
    expect(idle.elapse(1)).toEqual([...begins]);
  });

  test("an interval longer than any timer waits as long as a timer can", () => {
    const compaction = start({ intervalMs: 2 ** 40 });
    compaction.apply(1);
    expect(compaction.elapse(2 ** 31 - 2)).toEqual([]);
    expect(compaction.elapse(1)).toEqual([...begins]);
  });
});

describe("a client asks for one", () => {
  test("and gets it, soon as it may be", () => {
    const compaction = start();
    compaction.apply(1);
    expect(compaction.request()).toEqual([...begins]);
    finish(compaction, 1);
  });

  test("nothing was applied since the last one: it stands for all there is", () => {
    const compaction = start({ lastSnapshot: { index: logIndex(7), bytes: 10 } });
    expect(compaction.request()).toEqual(["finished nothingNew"]);
    compaction.apply(8);
    compaction.request();
    finish(compaction, 8);
    expect(compaction.request()).toEqual(["finished nothingNew"]);
  });

  test("one is under way: it shares its end", () => {
    for (const [, begin] of onTheWay) expect(begin().request()).toEqual([]);
    const compaction = begun();
    compaction.request();
    compaction.written();
    compaction.sync();
    compaction.publish(100);
    expect(compaction.request()).toEqual([]);
    expect(compaction.cut()).toEqual(["finished published"]);
  });
});

describe("the leader's snapshot takes the place of our state", () => {
  test.each(onTheWay)("%s: our own is abandoned", (_, begin) => {
    const compaction = begin();
    expect(compaction.install(500, 40)).toEqual(["abandonSnapshot", "finished abandoned"]);
    expect(compaction.state).toBe("idle");
    // From there on the next one is counted.
    expect(compaction.apply(599)).toEqual([]);
    expect(compaction.apply(600)).toEqual([...begins]);
  });

  test("while truncating: our own is published, and answered for", () => {
    const compaction = after(
      begun(),
      (one) => one.written(),
      (one) => one.sync(),
    );
    compaction.publish(100);
    expect(compaction.install(500)).toEqual(["finished published"]);
    expect(compaction.state).toBe("idle");
    expect(compaction.cut()).toEqual([]);
  });

  test("at rest: it is the last one now", () => {
    const compaction = start();
    compaction.apply(99, 900);
    expect(compaction.install(300)).toEqual([]);
    expect(compaction.request()).toEqual(["finished nothingNew"]);
    expect(compaction.apply(301, 1_924)).toEqual([]);
    expect(compaction.apply(302, 1_925)).toEqual([...begins]);
  });
});

describe("the disk has no room", () => {
  test.each(onTheWay)(
    "%s: it is abandoned, and not tried again before an interval is over",
    (_, begin) => {
      const compaction = begin();
      expect(compaction.lackRoom()).toEqual(["abandonSnapshot", "finished noRoom"]);
      expect(compaction.state).toBe("resting");
      expect(compaction.apply(1_000, 1_000_000)).toEqual([]);
      expect(compaction.elapse(59_999)).toEqual([]);
      expect(compaction.elapse(1)).toEqual([...begins]);
    },
  );

  test("a short interval is no reason to hurry", () => {
    const compaction = start({ intervalMs: 100 });
    compaction.apply(1);
    compaction.request();
    compaction.lackRoom();
    expect(compaction.elapse(NO_ROOM_DELAY_MS_MIN - 1)).toEqual([]);
    expect(compaction.elapse(1)).toEqual([...begins]);
  });

  test("only a client makes it try sooner, or the leader's snapshot needless", () => {
    const asked = after(begun(), (one) => one.lackRoom());
    expect(asked.request()).toEqual([...begins]);
    const installed = after(begun(), (one) => one.lackRoom());
    expect(installed.install(500)).toEqual([]);
    expect(installed.state).toBe("idle");
    const again = after(
      begun(),
      (one) => one.lackRoom(),
      (one) => one.install(100),
    );
    expect(again.request()).toEqual(["finished nothingNew"]);
  });
});

describe("what comes late means nothing", () => {
  test("at rest", () => {
    const compaction = start();
    for (const late of [compaction.written(), compaction.sync(), compaction.publish(9)]) {
      expect(late).toEqual([]);
    }
    expect([...compaction.cut(), ...compaction.lackRoom()]).toEqual([]);
    expect(compaction.state).toBe("idle");
  });

  test("a node has its place among its cluster's nodes", () => {
    const errors: unknown[] = [];
    const actor = createActor(compactionMachine, {
      id: "compaction",
      input: { ...settings, phase: { rank: 3, of: 3 } },
    });
    actor.subscribe({ error: (error) => errors.push(error) });
    actor.start();
    expect(String(errors[0])).toContain("a node has its place");
  });
});
