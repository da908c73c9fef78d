/** A failing scenario becomes one that a person can read. */
import { describe, expect, test } from "bun:test";
import { drawScenario } from "./draw-scenario";
import type { Scenario } from "./scenario";
import { shrink } from "./shrink";

const drawn = drawScenario("shrink");
const ATTEMPTS_MAX = 2000;

/** Fails where all of these actions are done. */
const needing =
  (...ids: readonly number[]) =>
  (scenario: Scenario): boolean =>
    ids.every((id) => scenario.actions.some((action) => action.id === id));

const last = drawn.actions.at(-1)?.id ?? 0;
const needed = [3, Math.floor(last / 2), last - 1];
const failure = { scenario: drawn, atMs: drawn.durationMs };

describe("shrinking", () => {
  test("keeps the actions that matter, in their order, and no others", () => {
    const smallest = shrink(failure, needing(...needed), ATTEMPTS_MAX);
    expect(drawn.actions.length).toBeGreaterThan(100);
    expect(smallest.actions.map(({ id }) => id)).toEqual(needed);
  });

  test("makes time, world and operations plain where nothing hangs on them", () => {
    const { actions, durationMs, setup } = shrink(failure, needing(...needed), ATTEMPTS_MAX);
    expect(durationMs).toBeLessThan(200);
    expect(setup.network).toMatchObject({ dropProbability: 0, repeatProbability: 0 });
    for (const { params } of actions) {
      if ("length" in params) expect(params).toMatchObject({ length: 1, onlyIf: "always" });
    }
  });

  test("keeps the parameter that matters", () => {
    const write = drawn.actions.find(({ params }) => "length" in params && params.length !== 1);
    const isSame = ({ actions }: Scenario) =>
      actions.some(
        ({ id, params }) => id === write?.id && "length" in params && params.length !== 1,
      );
    const smallest = shrink(failure, isSame, ATTEMPTS_MAX);
    expect(smallest.actions.map(({ id }) => id)).toEqual([write?.id ?? -1]);
  });

  test("leaves out what came after the failure", () => {
    const atMs = drawn.durationMs / 2;
    const tries: number[] = [];
    const fails = ({ actions }: Scenario) => tries.push(actions.length) === 1;
    const { actions } = shrink({ scenario: drawn, atMs }, fails, 1);
    expect(actions).toEqual(drawn.actions.filter((action) => action.atMs <= atMs));
  });

  test("goes no further than it may, and takes an impossible scenario for no failure", () => {
    let attempts = 0;
    const fails = () => {
      attempts++;
      throw new Error("no such node");
    };
    expect(shrink(failure, fails, 10)).toEqual(drawn);
    expect(attempts).toBe(10);
  });
});
