/** One small piece of the product, to be timed alone. */

export interface MicroBenchmark {
  readonly name: string;
  /** How often `run` does what is timed, for the time of one. */
  readonly operations: number;
  /** Whether what is timed gives a promise. */
  readonly isAsync?: boolean;
  /** Makes everything new, outside the time, and gives what is timed. */
  prepare(): () => void | Promise<void>;
}

const kept: { last: unknown } = { last: null };

/** Uses a result, so that no compiler finds the work to be in vain. */
export function keep(result: unknown): void {
  kept.last = result;
}
