import { describe, expect, test } from "bun:test";
import { emit, setup } from "xstate";
import { hostMachine } from "../../src/actors/machine-host";
import { VirtualClock } from "./links/virtual-clock";

type Effect = { readonly type: "greet" | "count" | "tick" | "never" };

const machine = setup({
  types: {
    events: {} as { readonly type: "go" | "more" | "break" },
    emitted: {} as Effect,
  },
  delays: { soon: 10 },
  actions: {
    greet: emit({ type: "greet" }),
    count: emit({ type: "count" }),
    tick: emit({ type: "tick" }),
    never: emit({ type: "never" }),
    fail: () => {
      throw new Error("broken");
    },
  },
}).createMachine({
  id: "sample",
  initial: "idle",
  states: {
    idle: {
      entry: "greet",
      after: { soon: { actions: "tick" } },
      on: {
        go: { actions: ["count", "greet"] },
        more: { actions: "count" },
        break: { actions: ["never", "fail"] },
      },
    },
  },
});

function start(react: (effect: Effect, send: (type: "go" | "more") => void) => void = () => {}) {
  const clock = new VirtualClock();
  const performed: string[] = [];
  const host: ReturnType<typeof hostMachine<typeof machine>> = hostMachine(machine, {
    id: "sample",
    input: undefined,
    clock,
    perform: (effect) => {
      performed.push(effect.type);
      react(effect, (type) => host.send({ type }));
    },
  });
  return { clock, host, performed };
}

describe("a hosted machine", () => {
  test("has the effects of its first state performed", () => {
    expect(start().performed).toEqual(["greet"]);
  });

  test("has effects performed in order, those of a nested step behind", () => {
    let sent = false;
    const { host, performed } = start((effect, send) => {
      if (effect.type !== "count" || sent) return;
      sent = true;
      send("more");
    });
    host.send({ type: "go" });
    expect(performed).toEqual(["greet", "count", "greet", "count"]);
  });

  test("has the effects of its timers performed too", () => {
    const { clock, performed } = start();
    clock.advance(10);
    expect(performed).toEqual(["greet", "tick"]);
  });

  test("is seen after each step, before the effects, whatever made it step", () => {
    const seen: string[] = [];
    const clock = new VirtualClock();
    const host = hostMachine(machine, {
      id: "sample",
      input: undefined,
      clock,
      perform: ({ type }) => seen.push(type),
      watch: ({ value }, cause) =>
        seen.push(`${value} by ${typeof cause === "string" ? cause : cause.type}`),
    });
    host.send({ type: "more" });
    clock.advance(10);
    expect(seen).toEqual([
      ...["idle by the start", "greet", "idle by more", "count", "idle by a timer", "tick"],
    ]);
  });

  test("that fails has no effects, says so, and is dead", () => {
    const { host, performed } = start();
    for (const type of ["break", "go"] as const) {
      expect(() => host.send({ type })).toThrow(
        expect.objectContaining({
          code: "machine_failed",
          message: expect.stringContaining("broken"),
        }),
      );
    }
    expect(performed).toEqual(["greet"]);
  });

  test("does not swallow what performing an effect throws", () => {
    const { host } = start((effect) => {
      if (effect.type === "count") throw new Error("no such thing");
    });
    expect(() => host.send({ type: "go" })).toThrow("no such thing");
  });
});
