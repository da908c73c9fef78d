/** How old a copy is: what a leader measures, and what its followers may believe. */
import { describe, expect, test } from "bun:test";
import { RoundClock } from "../../src/actors/round-clock";
import { Life } from "../../src/simulation/life";
import { Seeded } from "../../src/simulation/seeded";
import { VirtualClock } from "../../src/simulation/virtual-clock";
import { logIndex } from "../../src/types";

function started() {
  const virtual = new VirtualClock(new Seeded("rounds"));
  const rounds = new RoundClock(virtual.clockOf(new Life(() => {}), () => 0));
  return {
    rounds,
    pass: (ms: number) => virtual.step(virtual.nowMs + ms),
    /** A leader says that `ageMs` ago `commitIndex` was all; we have applied `applied`. */
    told: (ageMs: number | null, commitIndex: number, applied: number) =>
      rounds.onTold(ageMs, logIndex(commitIndex), logIndex(applied)),
    /** A quorum has answered; we have committed, and applied, so much. */
    confirm: (round: number, commitIndex = 0, applied = commitIndex) =>
      rounds.onConfirmed(round, logIndex(commitIndex), logIndex(applied)),
    staleness: (applied: number) => rounds.stalenessMs(logIndex(applied)),
  };
}

describe("a leader's own copy", () => {
  test("nothing is known before the first confirmed round", () => {
    const { pass, rounds, staleness } = started();
    rounds.onOfficeTaken();
    rounds.onOpened(1);
    pass(10);
    expect(rounds.confirmedAgeMs()).toBeNull();
    expect(staleness(0)).toBeNull();
  });

  test("a round tells how fresh the copy was when it was sent, not when it was answered", () => {
    const { confirm, pass, rounds, staleness } = started();
    rounds.onOfficeTaken();
    rounds.onOpened(1);
    pass(40);
    confirm(1);
    expect(rounds.confirmedAgeMs()).toBe(40);
    pass(60);
    expect(rounds.confirmedAgeMs()).toBe(100);
    expect(staleness(0)).toBe(100);
  });

  test("its copy is as fresh only once it has applied what was committed then", () => {
    const { confirm, pass, rounds, staleness } = started();
    rounds.onOfficeTaken();
    rounds.onOpened(1);
    pass(40);
    confirm(1, 18, 15);
    expect(rounds.confirmedAgeMs()).toBe(40);
    expect(staleness(17)).toBeNull();
    expect(staleness(18)).toBe(40);
  });

  test("a later round confirms those before it, which then tell nothing more", () => {
    const { confirm, pass, rounds } = started();
    rounds.onOfficeTaken();
    rounds.onOpened(1);
    pass(10);
    rounds.onOpened(2);
    pass(10);
    confirm(2);
    confirm(1);
    expect(rounds.confirmedAgeMs()).toBe(10);
  });

  test("a new office begins without a confirmed round; what was fresh once stays known", () => {
    const { confirm, pass, rounds, staleness } = started();
    rounds.onOfficeTaken();
    rounds.onOpened(1);
    confirm(1);
    rounds.onOpened(2);
    pass(50);
    rounds.onOfficeTaken();
    expect(rounds.confirmedAgeMs()).toBeNull();
    // A round of the office before: nobody knows its answer now.
    confirm(2);
    expect(rounds.confirmedAgeMs()).toBeNull();
    expect(staleness(0)).toBe(50);
  });
});

describe("a follower's copy", () => {
  test("is as old as the leader says, and as long as nothing is heard, older", () => {
    const { pass, staleness, told } = started();
    told(30, 5, 5);
    expect(staleness(5)).toBe(30);
    pass(100);
    expect(staleness(5)).toBe(130);
    told(20, 6, 6);
    expect(staleness(6)).toBe(20);
  });

  test("a leader without a confirmed round tells nothing", () => {
    const { pass, staleness, told } = started();
    told(null, 5, 5);
    expect(staleness(5)).toBeNull();
    told(30, 5, 5);
    pass(10);
    told(null, 6, 6);
    expect(staleness(6)).toBe(40);
  });

  test("is not fresh before it has applied what was committed then", () => {
    const { pass, staleness, told } = started();
    told(10, 5, 5);
    pass(100);
    told(10, 7, 5);
    expect(staleness(5)).toBe(110);
    expect(staleness(6)).toBe(110);
    expect(staleness(7)).toBe(10);
  });

  test("nor ever, where it is told all the time and applies nothing (its disk is full)", () => {
    const { pass, staleness, told } = started();
    told(0, 5, 5);
    for (let beat = 1; beat <= 500; beat++) {
      pass(100);
      told(0, 5 + beat, 5);
      expect(staleness(5)).toBe(100 * beat);
    }
  });

  test("nor at all where it has never caught up", () => {
    const { staleness, told } = started();
    told(10, 5, 4);
    expect(staleness(4)).toBeNull();
    expect(staleness(5)).toBe(10);
  });

  test("is as fresh as the latest word that it has caught up with", () => {
    const { pass, staleness, told } = started();
    for (const commitIndex of [6, 7, 8]) {
      told(0, commitIndex, 5);
      pass(10);
    }
    expect(staleness(7)).toBe(20);
    expect(staleness(8)).toBe(10);
  });

  test("word of an earlier time takes nothing back", () => {
    const { staleness, told } = started();
    told(10, 5, 5);
    told(500, 5, 5);
    expect(staleness(5)).toBe(10);
  });

  test("of more than 64 words that wait the newest gives way to the next", () => {
    const { pass, staleness, told } = started();
    for (let word = 1; word <= 100; word++) {
      told(0, word, 0);
      pass(10);
    }
    // The 63rd is 380 ms old; behind it only the last one was kept.
    expect(staleness(63)).toBe(380);
    expect(staleness(99)).toBe(380);
    expect(staleness(100)).toBe(10);
  });
});
