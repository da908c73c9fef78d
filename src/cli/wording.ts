/** Amounts as people read them. */

const S = 1_000;
const MIN = 60 * S;
const HOUR = 60 * MIN;

/** How long ago, in at most five characters. **Units**: ms. */
export function ago(ms: number): string {
  if (ms < S) return `${Math.round(ms)}ms`;
  if (ms < 100 * S) return `${(ms / S).toFixed(ms < 10 * S ? 1 : 0)}s`;
  if (ms < 100 * MIN) return `${Math.round(ms / MIN)}min`;
  return `${Math.round(ms / HOUR)}h`;
}

const KIB = 1_024;
const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** A size with three digits or so. */
export function sized(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / KIB ** power;
  return `${amount >= 100 || power === 0 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[power]}`;
}
