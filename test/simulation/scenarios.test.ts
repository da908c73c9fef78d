/** Every scenario that was ever worth keeping: the product gets through all of them. */
import { describe, expect, test } from "bun:test";
import { basename } from "node:path";
import { actionKinds } from "./actions";
import { ANSWERED } from "./answered-in-time";
import { attempt } from "./attempt";
import { invariants } from "./invariants";
import { PROGRESS } from "./liveness";
import { LINEARIZABLE } from "./run";
import { readScenario, scenarioFiles } from "./scenario-file";

/** Of one scenario. Units: ms. */
const TIMEOUT_MS = 20_000;

describe("kept scenarios", () => {
  for (const path of scenarioFiles()) {
    const { invariant, scenario, story } = readScenario(path);
    test(
      `${basename(path)}: ${story}`,
      () => {
        const known = actionKinds.map(({ name }) => name);
        expect(known).toEqual(expect.arrayContaining(scenario.actions.map(({ kind }) => kind)));
        const names = [...invariants.map(({ name }) => name), ANSWERED, LINEARIZABLE, PROGRESS];
        expect(names).toContain(invariant);
        const { done, violation } = attempt(scenario);
        expect(violation).toBeNull();
        const times = Object.values(done).reduce((sum, count) => sum + count, 0);
        expect(times).toBe(scenario.actions.length);
      },
      TIMEOUT_MS,
    );
  }

  test("there are some", () => expect(scenarioFiles()).not.toBeEmpty());
});
