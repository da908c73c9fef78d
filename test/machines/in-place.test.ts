/**
 * Which steps are taken in place, and which must not be. That whole clusters live the same life
 * either way is shown in `test/simulation/in-place.test.ts`.
 */
import { describe, expect, test } from "bun:test";
import { type AnyStateMachine, createActor, createMachine, setup } from "xstate";
import { compactionMachine } from "../../src/machines/compaction.machine";
import { inPlace } from "../../src/machines/in-place";
import { enqueueOutcome, type Outcome } from "../../src/machines/rule";
import { logIndex } from "../../src/types";
import { settings } from "./compaction-driver";
import { elect, MachineDriver } from "./machine-driver";
import { accepted, appendEntries, command, entriesFrom, votersUpTo } from "./raft-words";
import { StillClock } from "./still-clock";

/** A node, and how many microsteps XState takes in a step, in it and in its replicators. */
function watched() {
  let microsteps = 0;
  const node = new MachineDriver({
    voters: votersUpTo(3),
    inspect: ({ type }) => {
      if (type === "@xstate.microstep") microsteps++;
    },
  });
  const countOf = (step: () => void): number => {
    microsteps = 0;
    step();
    return microsteps;
  };
  return { node, countOf };
}

describe("the steps of a write are taken in place", () => {
  test("a leader's: its proposals, its disk's word, its followers' answers", () => {
    const { countOf, node } = watched();
    elect(node);
    node.written(1);
    for (const peer of [2, 3]) node.receive(peer, accepted({ term: 1, match: 1 }));
    const propose = () => node.hear({ type: "client.proposed", commands: [command("a")] });
    expect(countOf(propose)).toBe(0);
    expect(countOf(() => node.written(2))).toBe(0);
    expect(countOf(() => node.receive(2, accepted({ term: 1, match: 2 })))).toBe(0);
    expect(node.context.commitIndex as number).toBe(2);
  });

  test("a follower's: entries that come in, its disk's word", () => {
    const { countOf, node } = watched();
    const append = (at: number) =>
      node.receive(
        2,
        appendEntries({ term: 1, prev: [at - 1, at === 1 ? 0 : 1], entries: entriesFrom(at, 1) }),
      );
    expect(countOf(() => append(1))).toBeGreaterThan(0);
    expect(countOf(() => append(2))).toBe(0);
    expect(countOf(() => node.written(2))).toBe(0);
    expect(node.context.log.lastIndex as number).toBe(2);
  });

  test("what either has applied, for the snapshots", () => {
    let microsteps = 0;
    const actor = createActor(compactionMachine, {
      input: settings,
      clock: new StillClock(),
      inspect: ({ type }) => {
        if (type === "@xstate.microstep") microsteps++;
      },
    }).start();
    const apply = (at: number) => {
      microsteps = 0;
      const index = logIndex(at);
      actor.send({ type: "applied", appliedIndex: index, logBytes: at, logIndex: index });
      return microsteps;
    };
    expect(apply(settings.snapshotEntries - 1)).toBe(0);
    expect(actor.getSnapshot().matches("idle")).toBe(true);
    expect(apply(settings.snapshotEntries)).toBeGreaterThan(0);
    expect(actor.getSnapshot().matches({ snapshotting: "writing" })).toBe(true);
  });
});

interface Count {
  readonly count: number;
}
type Heard = { readonly type: "add" | "addTwice" | "double" | "both" | "mix" | "move" };
type Told = { readonly type: "told"; readonly count: number };

const base = setup({
  types: { context: {} as Count, events: {} as Heard, emitted: {} as Told },
});

function ruled(rule: (context: Count) => Outcome<Count, Told, Heard>) {
  const act = base.enqueueActions(({ context, enqueue }) =>
    enqueueOutcome<Count, Told, Heard>(rule(context), enqueue),
  );
  return Object.assign(act, { rule });
}

/** Counts in a state that ends by itself at 5, or when it has heard nothing for a while. */
const counting = base
  .extend({
    actions: {
      add: ruled(({ count }) => ({
        context: { count: count + 1 },
        effects: [{ type: "told", count }],
      })),
      addTwice: ruled(() => ({ events: [{ type: "add" }, { type: "add" }] })),
      double: ruled(({ count }) => ({ context: { count: count * 2 } })),
      both: ruled(() => ({ events: [{ type: "addTwice" }, { type: "double" }] })),
      stopAtTwo: ({ context }) => {
        if (context.count === 2) throw new Error("two");
      },
    },
    guards: { isFull: ({ context }) => context.count >= 5 },
    delays: { patience: ({ context }) => 100 + context.count },
  })
  .createMachine({
    context: { count: 0 },
    initial: "open",
    states: {
      open: {
        initial: "waiting",
        states: { waiting: { after: { patience: "#over" } }, resting: {} },
        always: { guard: "isFull", target: "over" },
        on: {
          add: { target: ".waiting", actions: "add" },
          addTwice: { actions: "addTwice" },
          double: { actions: "double" },
          both: { actions: "both" },
          mix: { actions: ["add", "stopAtTwo"] },
          move: { target: ".resting", actions: "add" },
        },
      },
      over: { id: "over" },
    },
  });

/** Everything that one can see of a machine that hears these. */
function lifeOf(machine: AnyStateMachine, events: readonly (Heard["type"] | number)[]) {
  const clock = new StillClock();
  const seen: unknown[] = [];
  const actor = createActor(machine, { id: "counting", clock });
  actor.on("*", (effect) => seen.push(effect));
  actor.subscribe({ error: (error) => seen.push(error) });
  actor.start();
  for (const event of events) {
    if (typeof event === "number") clock.elapse(event);
    else actor.send({ type: event });
    const { context, value } = actor.getSnapshot();
    seen.push({ context, value });
  }
  return seen;
}

describe("a step comes to what XState's comes to", () => {
  const stories: Readonly<Record<string, readonly (Heard["type"] | number)[]>> = {
    "its timer begins anew, by what is known now": ["add", 90, "add", 101, 1],
    "what is raised is heard in the order in which it was raised": ["both", "add"],
    "a state that may be left by itself is left": ["addTwice", "addTwice", "add", "add"],
    "also amid what was raised": ["addTwice", "add", "both", "add"],
    "another action than a rule is taken in its turn": ["mix", "mix", "add"],
    "another state is entered": ["move", 200, "move", "add", 102],
    "nothing is heard of what nobody speaks of": ["add", 101, "add"],
  };
  const plain: AnyStateMachine = createMachine(counting.config, counting.implementations);
  const quick = inPlace(counting);
  for (const [story, events] of Object.entries(stories)) {
    test(story, () => expect(lifeOf(quick, events)).toEqual(lifeOf(plain, events)));
  }

  test("whatever is provided", () => {
    const actions = { add: ruled(({ count }) => ({ context: { count: count + 2 } })) };
    const events = ["add", "addTwice", "add"] as const;
    const provided: AnyStateMachine = quick.provide({ actions });
    const life = lifeOf(provided, events);
    expect(life).toEqual(lifeOf(plain.provide({ actions }), events));
    expect(life.at(0)).toMatchObject({ context: { count: 2 } });
  });
});
