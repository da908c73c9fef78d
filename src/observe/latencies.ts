/** How long requests take, in buckets a fifth apart: an addition a request, whatever the rate. */

/** Buckets between a microsecond and about a minute, four to a doubling. */
const BUCKETS = 26 * 4;

/** Counts of durations; two of them differ by what happened in between. */
export class Latencies {
  readonly #counts = new Float64Array(BUCKETS);

  add(seconds: number): void {
    const bucket = bucketOf(seconds * 1e6);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** The counts now, to be compared with later ones. */
  read(): Float64Array {
    return this.#counts.slice();
  }
}

/** Percentiles in ms of what was added between two readings; null where nothing was. */
export function percentiles(
  before: Float64Array,
  after: Float64Array,
): { readonly p50: number; readonly p90: number; readonly p99: number } | null {
  const counts = after.map((count, bucket) => count - (before[bucket] ?? 0));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const at = (part: number): number => {
    let left = part * total;
    const bucket = counts.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return Number((middleOf(bucket) / 1e3).toPrecision(3));
  };
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** Four buckets to each doubling: the two bits behind the highest say which. */
function bucketOf(us: number): number {
  const whole = Math.max(4, Math.min(us, 2 ** 27 - 1)) | 0;
  const octave = 31 - Math.clz32(whole);
  return (octave - 2) * 4 + ((whole >> (octave - 2)) & 3);
}

/** **Units**: µs. */
function middleOf(bucket: number): number {
  const octave = (bucket >> 2) + 2;
  return 2 ** octave * (1 + ((bucket & 3) + 0.5) / 4);
}
