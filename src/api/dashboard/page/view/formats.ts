/** Numbers as people read them. Pure: a time zone is an input, and so is now. */

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** `12,345`; a dash where nothing is known. */
export const count = (value: number | null): string =>
  value === null ? "–" : grouped.format(value);

/** Two digits that matter: `0.8`, `12`, `1,200`. */
export function rate(value: number | null): string {
  if (value === null) return "–";
  return value > 0 && value < 9.95 ? value.toFixed(1) : grouped.format(value);
}

/** `0.42 ms`, `12 ms`, `1.2 s`, `4 min`, `3 h`, `2 d`; a dash where nothing is known. */
export function duration(ms: number | null): string {
  if (ms === null) return "–";
  if (ms < 9.95) return `${ms < 0.995 ? ms.toFixed(2) : ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 59_500) return `${Math.round(ms / 1_000)} s`;
  if (ms < 3_570_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 84_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `640 B`, `1.5 MiB`. */
export function bytes(value: number): string {
  let [scaled, unit] = [value, 0];
  while (scaled >= 1_024 && unit < BYTE_UNITS.length - 1) {
    scaled /= 1_024;
    unit += 1;
  }
  const digits = unit === 0 || scaled >= 99.95 ? 0 : 1;
  return `${scaled.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}

const timeFormat = (timeZone?: string) =>
  new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    ...(timeZone !== undefined && { timeZone }),
  });
/** Making one takes far longer than using it. */
const localTime = timeFormat();

/** `14:03:27.512`, of the visitor's zone or the one given. */
export const clockTime = (wallMs: number, timeZone?: string): string =>
  (timeZone === undefined ? localTime : timeFormat(timeZone)).format(wallMs);

/** At most `length` characters, an ellipsis included. */
export const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
