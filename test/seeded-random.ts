/**
 * Randomness for tests that can be had again: prints its seed, and takes it from `BALSA_TEST_SEED`.
 */
export interface SeededRandom {
  readonly seed: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Uniform in 0…`bound` - 1. */
  readonly below: (bound: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
}

/** A generator from the environment's seed, else from a fresh one. */
export function seededRandom(label = "test"): SeededRandom {
  const fixed = process.env.BALSA_TEST_SEED;
  const seed = fixed === undefined ? crypto.getRandomValues(new Uint32Array(1))[0] : Number(fixed);
  console.log(`${label}: BALSA_TEST_SEED=${seed}`);
  return randomFrom(seed ?? 0);
}

/** The generator of one seed (mulberry32). */
export function randomFrom(seed: number): SeededRandom {
  let state = seed | 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(random() * bound);
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  return { seed, random, below, pick };
}
