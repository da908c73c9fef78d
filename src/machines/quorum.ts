/** Majority arithmetic (Raft §5). Counts are of voters. */

/** How many of `voters` are a majority: 2 of 3, 3 of 4, 3 of 5. */
export const majority = (voters: number): number => Math.floor(voters / 2) + 1;

/**
 * The highest value that a majority has reached: of 3, the 2nd highest; of 4, the 3rd highest.
 * `reached` holds one number per voter, in any order.
 */
export function quorumValue(reached: readonly number[]): number {
  const needed = majority(reached.length);
  let highest = 0;
  for (const value of reached) {
    if (value > highest && countAtLeast(reached, value) >= needed) highest = value;
  }
  return highest;
}

/** By a loop: a leader asks with every answer, and there are seven voters at most. */
function countAtLeast(reached: readonly number[], value: number): number {
  let count = 0;
  for (const other of reached) if (other >= value) count++;
  return count;
}
