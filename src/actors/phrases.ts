/** The small parts of sentences that people read in the log, in answers and on the page. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** "612 ms", "14 s", "3 min", "5 h": as exact as a person wants it. */
export function duration(ms: number): string {
  // What rounds up to the next unit is said in it.
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND_MS) return `${Number((ms / SECOND_MS).toFixed(1))} s`;
  if (ms < 2 * MINUTE_MS) return `${Math.round(ms / SECOND_MS)} s`;
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return `${Math.round(ms / HOUR_MS)} h`;
}

/** "1", "1 and 2", "1, 2 and 3". */
export function listed(words: readonly (string | number)[]): string {
  const last = words.at(-1);
  if (last === undefined) return "none";
  return words.length === 1 ? `${last}` : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** "node 1", "nodes 1 and 2"; "no node" for none. */
export const nodes = (ids: Iterable<number>): string => {
  const sorted = [...ids].sort((a, b) => a - b);
  if (sorted.length === 0) return "no node";
  return `${sorted.length === 1 ? "node" : "nodes"} ${listed(sorted)}`;
};

/** "1 entry", "2 entries". */
export const counted = (count: number, one: string, more: string): string =>
  `${count} ${count === 1 ? one : more}`;
