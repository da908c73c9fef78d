/** Jittered exponential back-off, as pure arithmetic. Source: ours; the jitter is AWS's "equal". */
import { drawRandom, type RandomState } from "./random";

export interface BackoffBounds {
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
}

/**
 * How long to wait after `failures` failures in a row (from 1): a doubling ceiling, and of it a
 * random part between half and all, so that nodes that lost each other at once do not meet again
 * at once. Units: ms.
 */
export function drawBackoff(
  { backoffMsMin, backoffMsMax }: BackoffBounds,
  failures: number,
  random: RandomState,
): readonly [number, RandomState] {
  const ceiling = Math.min(backoffMsMax, backoffMsMin * 2 ** (failures - 1));
  return jitter(ceiling, random);
}

/** A random wait between half of `ceilingMs` and all of it. Units: ms. */
export function jitter(ceilingMs: number, random: RandomState): readonly [number, RandomState] {
  const [value, next] = drawRandom(random);
  return [Math.round(ceilingMs * (0.5 + value / 2)), next];
}
