/**
 * The simulator itself on trial: every bug of the catalogue that can be put in is put in, and must
 * be caught, by the invariant that is there for it.
 */
import { describe, expect, test } from "bun:test";
import { raftMachine } from "../../src/machines/raft/raft.machine";
import { hunt, isCaught } from "./mutants/hunt";
import { cannotApply, mutants, waiting } from "./mutants/index";
import { overridesOf } from "./mutants/mutant";
import { playScript } from "./mutants/script";

/** All ids of the catalogue, in its order (reliability, "Bugs that real Rafts shipped"). */
const CATALOGUE = `
  M01 M02 M04 M05 M06 M07 M08 M09 M10 M11 M12 M13
  M14 M15 M18 M19 M20 M22 M23 M24 M25 M26 M27 M28 M29 M32
  M33 M34 M35 M36 M37 M38 M39 M40 M61
  M41 M43 M44 M45 M46
  M47 M48 M49 M50 M51 M53
  M54 M55 M56 M57 M58 M59 M60`;

/** How many random clusters a mutant without a script may survive here. */
const SEEDS_MAX = 30;
/** How often an honest cluster plays each script. */
const HONEST_SEEDS = 2;
/** Units: ms. */
const TIMEOUT_MS = 20_000;

/** "M22" of "M22s". */
const numberOf = (id: string): string => id.replace(/[a-z]$/, "");

describe("the registry", () => {
  test("lists every bug of the catalogue once", () => {
    const forms = mutants.map(({ id }) => id);
    expect(new Set(forms).size).toBe(forms.length);
    const listed = [
      ...Object.keys({ ...waiting, ...cannotApply }),
      ...new Set(forms.map(numberOf)),
    ];
    expect(listed.sort()).toEqual(CATALOGUE.trim().split(/\s+/).sort());
  });

  test("gives a reason for each that is missing", () => {
    for (const reason of Object.values({ ...waiting, ...cannotApply })) {
      expect(reason).toMatch(/^.+ .+$/);
    }
  });

  test("overrides only names that the chart knows, and something in each", () => {
    const { actions, guards } = raftMachine.implementations;
    const known = { actions: Object.keys(actions), guards: Object.keys(guards) };
    for (const mutant of mutants) {
      expect(known.actions).toEqual(expect.arrayContaining(Object.keys(mutant.actions ?? {})));
      expect(known.guards).toEqual(expect.arrayContaining(Object.keys(mutant.guards ?? {})));
      expect(overridesOf(mutant)).not.toBeEmpty();
    }
  });
});

describe("mutants are caught", () => {
  for (const mutant of mutants) {
    test(
      `${mutant.id} ${mutant.bug}`,
      () => {
        const caught = hunt(mutant, SEEDS_MAX);
        const told = `after ${caught.seeds} seeds: ${caught.violation?.message ?? "no violation"}`;
        expect([told, isCaught(mutant, caught)]).toEqual([told, true]);
        // An override under a wrong name would never have run.
        for (const [name, count] of caught.runs) expect([name, count > 0]).toEqual([name, true]);
      },
      TIMEOUT_MS,
    );
  }
});

describe("no script blames the product", () => {
  for (const { id, script } of mutants) {
    if (script === undefined) continue;
    test(
      id,
      () => {
        for (let seed = 1; seed <= Math.min(HONEST_SEEDS, script.seedsMax); seed++) {
          playScript(script, `${seed}`, {});
        }
      },
      TIMEOUT_MS,
    );
  }
});
