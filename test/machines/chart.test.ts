import { describe, expect, test } from "bun:test";
import { createMachine } from "xstate";
import { unhandledEvents, unknownNames } from "./chart";

/** One mistake of every kind that XState itself keeps silent about. */
const careless = createMachine(
  {
    id: "careless",
    initial: "first",
    states: {
      first: {
        entry: "missingEntry",
        exit: () => {},
        after: { missingDelay: "second" },
        on: { go: { guard: "missingGuard", target: "second", actions: ["fine", "missingAction"] } },
      },
      second: { initial: "inner", states: { inner: { on: { back: "#careless.first" } } } },
      last: { type: "final" },
    },
  },
  { actions: { fine: () => {} } },
);

describe("the walk over a chart", () => {
  test("finds names without an implementation, and implementations without a name", () => {
    expect(unknownNames(careless)).toEqual([
      "careless.first: unknown action missingEntry",
      "careless.first: an anonymous action",
      "careless.first: unknown delay missingDelay",
      "careless.first: unknown action missingAction",
      "careless.first: unknown guard missingGuard",
    ]);
  });

  test("finds events that a state says nothing of", () => {
    expect(unhandledEvents(careless, ["go", "back"])).toEqual([
      "careless.first × back",
      "careless.second.inner × go",
    ]);
  });

  test("asks one of the regions side by side, but all states of that one", () => {
    const region = (on: Record<string, object>) => ({
      initial: "calm",
      states: { calm: { on }, busy: { on: { tick: {} } } },
    });
    const parallel = createMachine({
      id: "parallel",
      type: "parallel",
      states: { left: region({ tick: {}, tock: {} }), right: region({}) },
    });
    expect(unhandledEvents(parallel, ["tick", "tock"])).toEqual([
      "parallel.left.busy × tock",
      "parallel.right.busy × tock",
      "parallel.right.calm × tock",
    ]);
  });
});
