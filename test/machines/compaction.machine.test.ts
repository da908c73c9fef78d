/** When a node takes snapshots: each event in each state, and all it asks its host for. */
import { describe, expect, test } from "bun:test";
import { createActor } from "xstate";
import { compactionMachine } from "../../src/machines/compaction.machine";
import { ALIGN_DELAY_MS, NO_ROOM_DELAY_MS_MIN } from "../../src/machines/compaction-setup";
import {
  after,
  begins,
  begun,
  finish,
  onTheWay,
  settings,
  start,
  taken,
} from "./compaction-driver";

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

describe("a client asks for one", () => {
  test("and gets it, soon as it may be", () => {
    const compaction = start();
    compaction.apply(1);
    expect(compaction.request()).toEqual([...begins]);
    finish(compaction, 1);
  });

  test("nothing was applied since the last one: it stands for all there is", () => {
    const compaction = start({ lastSnapshot: taken(7) });
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
    expect(compaction.install(500, { bytes: 40 })).toEqual([
      "abandonSnapshot",
      "finished abandoned",
    ]);
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
