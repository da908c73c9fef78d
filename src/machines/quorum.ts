/** Majority arithmetic (Raft §5). Counts are of voters. */

/** How many of `voters` are a majority: 2 of 3, 3 of 4, 3 of 5. */
export const majority = (voters: number): number => Math.floor(voters / 2) + 1;

/**
 * The highest value that a majority has reached: of 3, the 2nd highest; of 4, the 3rd highest.
 * `reached` holds one number per voter, in any order.
 */
export function quorumValue(reached: readonly number[]): number {
  const descending = [...reached].sort((a, b) => b - a);
  return descending[majority(reached.length) - 1] ?? 0;
}
