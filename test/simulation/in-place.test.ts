/** Steps in place come to what XState's come to: whole clusters live the same life either way. */
import { describe, expect, test } from "bun:test";
import { type AnyStateMachine, createMachine } from "xstate";
import { raftMachine } from "../../src/machines/raft/raft.machine";
import { replicatorMachine } from "../../src/machines/replicator.machine";
import { TraceHash } from "../../src/simulation/trace-hash";
import { drawScenario } from "./draw-scenario";
import { Run } from "./run";
import { cutAt } from "./shrink";

/** Of each run. Units: ms. */
const DURATION_MS = 2000;
const SEEDS = ["in-place-1", "in-place-2", "in-place-5"];

/** The same chart, all of whose steps XState takes. */
const plain = ({ config, implementations }: AnyStateMachine): AnyStateMachine =>
  createMachine(config, implementations);

const plainRaft = plain(raftMachine).provide({
  actors: { ...raftMachine.implementations.actors, replicator: plain(replicatorMachine) },
}) as typeof raftMachine;

function traceOf(seed: string, machine: typeof raftMachine) {
  const run = new Run(cutAt(drawScenario(seed), DURATION_MS), { machine });
  const trace = new TraceHash(run.cluster);
  run.carryOut();
  return trace.value;
}

describe("steps in place", () => {
  for (const seed of SEEDS) {
    test(`${seed} lives the same life`, () => {
      expect(traceOf(seed, raftMachine)).toBe(traceOf(seed, plainRaft));
    });
  }
});
