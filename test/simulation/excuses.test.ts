/** What is not demanded of the product, and that it is too much to ask. */
import { describe, expect, test } from "bun:test";
import type { SimulatedNode } from "../../src/simulation/node";
import { coreOf } from "./core";
import { playScript, type Stage } from "./mutants/script";
import { newestSegment } from "./stored-log";

const play = (story: (stage: Stage) => void) =>
  playScript({ seedsMax: 1, play: story }, "excuses", {});

/** Of three founders one is away while another goes and a fourth comes; then the third is lost. */
function lastTwo({ kit, run }: Stage, hasMoved: boolean) {
  const lost = kit.leader();
  const [gone, late] = kit.others(lost);
  if (!gone || !late) throw new Error("three founders");
  const home = run.cluster.network.addressOf(late.id);
  kit.set("key", "1").wait();
  kit.until(() => kit.isAgreed);
  kit.isolate(late);
  kit.kill(late);
  if (hasMoved) run.cluster.rehouse(late, "elsewhere:9080");
  const fresh = kit.join();
  kit.addMember(fresh).wait();
  kit.until(() => run.configuration.voters.length === 4);
  kit.removeMember(gone).wait();
  kit.until(() => gone.end?.kind === "removed");
  run.allowForgetting(lost, "anything");
  kit.kill(lost);
  const core = coreOf(run);
  kit.heal();
  kit.boot(late);
  return { core, fresh, home, late };
}

describe("one that moved while it was away, and does not know who has come since", () => {
  test("is lost to them, so they owe no progress", () =>
    play((stage) => {
      const { core, fresh, home, late } = lastTwo(stage, true);
      expect(core).toEqual([]);
      stage.kit.run(60_000);
      expect(stage.run.cluster.leader()).toBeNull();
      // Its operator can do what no protocol can.
      stage.kit.kill(late);
      stage.run.cluster.rehouse(late, home);
      stage.kit.boot(late);
      expect([fresh, late]).toContain(stage.kit.leader());
    }));

  test("is found where it was, so there they owe it", () =>
    play((stage) => {
      const { core, fresh, late } = lastTwo(stage, false);
      expect(core).toEqual([late, fresh]);
      expect([fresh, late]).toContain(stage.kit.leader());
    }));
});

/** A start marks all of it, so that the loss is noticed. */
function loseLastBatch(kit: Stage["kit"], node: SimulatedNode): void {
  kit.kill(node);
  kit.boot(node);
  kit.kill(node);
  const newest = newestSegment(node.disk);
  if (newest === null) throw new Error("a log");
  node.disk.cut(newest.name, newest.borders.at(-2) ?? 0);
  kit.boot(node);
}

test("founders that hold nothing wait for a log that may not vote, until it is taken away", () =>
  play(({ kit, run }) => {
    const leads = ({ running }: SimulatedNode) => running?.actor.raft.role === "Leader";
    kit.until(() => run.cluster.nodes.some(leads));
    const first = kit.leader();
    const blank = kit.others(first);
    // What it has sent them reaches nobody.
    for (const node of blank) kit.kill(node);
    kit.set("key", "1", { on: first });
    kit.run(1000);
    run.allowForgetting(first, "tail");
    loseLastBatch(kit, first);
    for (const node of blank) kit.boot(node);
    expect(coreOf(run)).toEqual(blank);
    kit.run(60_000);
    expect(run.cluster.leader()).toBeNull();
    kit.kill(first);
    expect(blank).toContain(kit.leader());
    kit.boot(first);
    kit.until(() => kit.isAgreed);
  }));

describe("a disk comes back blank only where most founders know the one before", () => {
  test("not beside a founder that has no log", () =>
    play(({ kit, run }) => {
      kit.isolate(3);
      const [victim = kit.node(1)] = kit.others(kit.leader(), 3);
      kit.set("key", "1").wait();
      expect(run.allowWipe(victim)).toBe(false);
      kit.heal();
      kit.until(() => kit.isAgreed);
      kit.run(100);
      expect(run.allowWipe(victim)).toBe(true);
    }));

  test("not though it was removed: a founder that was away would elect with it", () =>
    play(({ kit, run }) => {
      kit.isolate(3);
      const [victim = kit.node(1)] = kit.others(kit.leader(), 3);
      const fresh = kit.join();
      kit.addMember(fresh).wait();
      kit.until(() => run.configuration.voters.length === 4);
      kit.removeMember(victim).wait();
      kit.until(() => victim.end?.kind === "removed");
      expect(run.allowWipe(victim)).toBe(false);
      expect(run.allowWipe(fresh)).toBe(true);
    }));
});
