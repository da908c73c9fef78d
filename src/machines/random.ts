/**
 * A pure pseudo-random generator (sfc32, Doty-Humphrey's Practically Random): state in, value and
 * next state out, so that a machine's randomness is part of its context and a seed replays it.
 */

/** Four unsigned 32-bit words. */
export type RandomState = readonly [number, number, number, number];

/** Spreads a seed over a state; equal seeds give equal streams. Source: FNV-1a, then sfc32. */
export function seedRandom(seed: number | string): RandomState {
  const text = String(seed);
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  let state: RandomState = [a >>> 0, b >>> 0, text.length, 1];
  for (let i = 0; i < 15; i++) state = drawRandom(state)[1];
  return state;
}

/** The next value in [0, 1) and the state behind it. */
export function drawRandom(state: RandomState): readonly [number, RandomState] {
  const [a, b, c, counter] = state;
  const sum = (a + b + counter) >>> 0;
  return [
    sum / 4294967296,
    [
      (b ^ (b >>> 9)) >>> 0,
      (c + (c << 3)) >>> 0,
      (((c << 21) | (c >>> 11)) + sum) >>> 0,
      (counter + 1) >>> 0,
    ],
  ];
}
