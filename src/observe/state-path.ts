/** A statechart's state as a dotted path, and whether two are the same. */

/** As XState tells it: a name, or a name with what is inside. */
export type StateValue = string | { readonly [state: string]: StateValue | undefined };

/** Asked after every step of every machine: no allocation, no path is made for it. */
export function isSameValue(a: StateValue, b: StateValue): boolean {
  if (a === b) return true;
  if (typeof a === "string" || typeof b === "string") return false;
  for (const state in a) {
    const inA = a[state];
    const inB = b[state];
    if (inA === undefined || inB === undefined || !isSameValue(inA, inB)) return false;
  }
  return true;
}

/** `{ open: { asked: "waiting" } }` is `open.asked.waiting`; regions side by side are joined. */
export function pathOf(value: StateValue): string {
  if (typeof value === "string") return value;
  return Object.entries(value)
    .map(([state, inside]) =>
      inside === undefined || isEmpty(inside) ? state : `${state}.${pathOf(inside)}`,
    )
    .join(" ");
}

const isEmpty = (value: StateValue): boolean =>
  typeof value !== "string" && Object.keys(value).length === 0;

/** The outermost state of a path. */
export const outermost = (path: string): string => path.split(".", 1)[0] ?? path;
