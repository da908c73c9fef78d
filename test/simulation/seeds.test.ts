/**
 * Random search: each seed is a cluster, its faults and its clients, with every invariant looking
 * on. A failing seed says how it is replayed.
 */
import { describe, expect, test } from "bun:test";
import { InvariantViolation } from "../../src/simulation/violation";
import { drawScenario } from "./draw-scenario";
import { Run } from "./run";

/** How many seeds the test command tries; `bun run simulate --seeds N` tries more. */
const SEEDS = 40;
/** Enough for the slowest seed on a busy machine. Units: ms. */
const SEED_TIMEOUT_MS = 20_000;

describe("random clusters keep every promise", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    test(
      `seed ${seed}`,
      () => {
        const run = new Run(drawScenario(`${seed}`));
        try {
          run.carryOut();
        } catch (error) {
          const told = error instanceof InvariantViolation ? error.message : error;
          throw new Error(`seed ${seed} at ${run.cluster.clock.nowMs} ms: ${told}`, {
            cause: error,
          });
        }
        expect(run.clients.ends.get("ok")).toBeGreaterThan(0);
      },
      SEED_TIMEOUT_MS,
    );
  }
});
