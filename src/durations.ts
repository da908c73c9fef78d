/** Durations as people write them: `150ms`, `5s`, `2m`. */

/** What a duration looks like, for schemas and messages. */
export const DURATION_PATTERN = "^(0|[1-9][0-9]{0,8})(ms|s|m)$";

const duration = new RegExp(DURATION_PATTERN);
const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** The duration in ms, or null where `text` is not one. */
export function parseDurationMs(text: string): number | null {
  const [, count, unit] = duration.exec(text) ?? [];
  if (count === undefined || unit === undefined) return null;
  return Number(count) * (MS_PER_UNIT[unit] ?? Number.NaN);
}
