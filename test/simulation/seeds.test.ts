/**
 * Random search: each seed is a cluster, its faults and its clients, with every invariant looking
 * on. A failing seed says how it is replayed.
 */
import { describe, expect, test } from "bun:test";
import { InvariantViolation } from "../../src/simulation/violation";
import { drawScenario } from "./draw-scenario";
import { Run } from "./run";

/** How many seeds the test command tries. */
const SEEDS = 200;
const seeds = Array.from({ length: SEEDS }, (_, place) => `${place + 1}`);
const replay = (seed: string) => `npm run simulate -- --seed ${seed}`;
/** Enough for the slowest seed on a busy machine. Units: ms. */
const SEED_TIMEOUT_MS = 20_000;

describe("random clusters keep every promise", () => {
  for (const seed of seeds) {
    test(
      `seed ${seed}`,
      () => {
        const run = new Run(drawScenario(seed));
        try {
          run.carryOut();
        } catch (error) {
          const told = error instanceof InvariantViolation ? error.message : error;
          const place = `seed ${seed} at ${run.cluster.clock.nowMs} ms`;
          throw new Error(`${place}: ${told}\nreplay: ${replay(seed)}`, { cause: error });
        }
        expect(run.clients.ends).not.toBeEmpty();
      },
      SEED_TIMEOUT_MS,
    );
  }
});
