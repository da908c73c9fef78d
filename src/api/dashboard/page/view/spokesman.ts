/** Which node the page asks: its own, and while that does not answer, another. */

export interface Candidate {
  readonly id: number | null;
  /** Empty for the page's own node. */
  readonly origin: string;
  readonly isFresh: boolean;
}

/**
 * The node to ask now. The page's own comes first whenever it is heard; else one stays with the
 * node asked so far while it is heard; else the first that is. Where none is heard, the one behind
 * `current` is tried next, in turn.
 */
export function chooseSpokesman(
  candidates: readonly Candidate[],
  current: string,
  hasFailed: boolean,
): string {
  const heard = candidates.filter(
    ({ isFresh, origin }) => isFresh && !(hasFailed && origin === current),
  );
  const own = heard.find(({ origin }) => origin === "");
  if (own !== undefined) return own.origin;
  if (heard.some(({ origin }) => origin === current)) return current;
  const [first] = heard;
  if (first !== undefined) return first.origin;
  if (!hasFailed) return current;
  const at = candidates.findIndex(({ origin }) => origin === current);
  return candidates[(at + 1) % candidates.length]?.origin ?? current;
}
