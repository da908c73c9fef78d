import { describe, expect, test } from "bun:test";
import { charts } from "../../src/machines/chart/charts";
import { defineChart } from "../../src/machines/chart/definition";

describe("a chart as data", () => {
  for (const [name, machine] of Object.entries(charts)) {
    test(`${name}: every name in it is that of a state`, () => {
      const { states, transitions } = defineChart(machine);
      const ids = new Set(states.map(({ id }) => id));
      expect(ids.size).toBe(states.length);
      expect(states[0]).toMatchObject({ id: name, parent: null });
      for (const { id, initial, parent } of states.slice(1)) {
        expect([id, ids.has(parent ?? "")]).toEqual([id, true]);
        expect([id, initial === null || ids.has(initial)]).toEqual([id, true]);
      }
      for (const { from, to } of transitions) {
        expect([ids.has(from), to === null || ids.has(to)]).toEqual([true, true]);
      }
    });
  }

  test("says what runs while a state is entered, and in which order branches are tried", () => {
    const { states, transitions } = defineChart(charts.raft ?? expect.unreachable());
    const leader = states.find(({ id }) => id === "leader");
    expect(leader).toMatchObject({
      type: "compound",
      initial: "leader.serving",
      entry: ["takeOffice", "startReplicators", "appendFirstEntry"],
      runs: [
        { id: "heartbeat", machine: "metronome" },
        { id: "quorumCheck", machine: "metronome" },
      ],
    });
    const checks = transitions.filter(({ event }) => event === "quorumCheck.due");
    expect(checks.filter(({ from }) => from === "leader")).toEqual([
      {
        from: "leader",
        event: "quorumCheck.due",
        guard: "hasHeardQuorum",
        actions: ["promoteLearners", "forgetHeard"],
        to: null,
      },
      { from: "leader", event: "quorumCheck.due", guard: "else", actions: [], to: "follower" },
    ]);
  });
});
