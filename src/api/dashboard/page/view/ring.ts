/** Where the nodes of a cluster are drawn: on a ring, always in the order of their ids. */

export interface Place {
  readonly id: number;
  /** From 0 at the left or top to 1 at the right or bottom. */
  readonly x: number;
  readonly y: number;
}

/** How far from the middle the places are, as a part of the whole. */
const RADIUS_X = 0.33;
const RADIUS_Y = 0.34;

/** One stands in the middle, two beside each other, more on a ring that begins at the top. */
export function ringOf(ids: readonly number[]): readonly Place[] {
  const ordered = ids.toSorted((one, other) => one - other);
  if (ordered.length === 1) return ordered.map((id) => ({ id, x: 0.5, y: 0.5 }));
  const start = ordered.length === 2 ? Math.PI : -Math.PI / 2;
  const places = ordered.map((id, at) => {
    const angle = start + (2 * Math.PI * at) / ordered.length;
    return { id, x: 0.5 + RADIUS_X * Math.cos(angle), y: 0.5 + RADIUS_Y * Math.sin(angle) };
  });
  return centred(places);
}

/** A ring of three reaches further up than down: the middle of what is drawn is the middle. */
function centred(places: readonly Place[]): readonly Place[] {
  const ys = places.map(({ y }) => y);
  const shift = 0.5 - (Math.min(...ys) + Math.max(...ys)) / 2;
  return places.map((place) => ({ ...place, y: place.y + shift }));
}

/** A way from one place to another that leaves room for the way back. */
export interface Bow {
  readonly path: string;
  readonly middle: { readonly x: number; readonly y: number };
}

/** A bow from `one` to `other` in a figure of `width` and `height`, a little to the right. */
export function bowBetween(one: Place, other: Place, size: { width: number; height: number }): Bow {
  const [x1, y1] = [one.x * size.width, one.y * size.height];
  const [x2, y2] = [other.x * size.width, other.y * size.height];
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const aside = Math.min(14, length / 12);
  const [bendX, bendY] = [(-(y2 - y1) / length) * aside, ((x2 - x1) / length) * aside];
  const [middleX, middleY] = [(x1 + x2) / 2 + bendX, (y1 + y2) / 2 + bendY];
  const point = (x: number, y: number) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
  const control = point(middleX + bendX, middleY + bendY);
  return {
    path: `M${point(x1, y1)}Q${control} ${point(x2, y2)}`,
    middle: { x: middleX, y: middleY },
  };
}
