/** The order of measurements: what is compared is measured right after each other, in turns. */

/** The list begun at another place, so that nobody is always first. */
export const rotated = <Item>(items: readonly Item[], by: number): readonly Item[] =>
  items.map((_, at) => items[(at + by) % items.length] as Item);

/**
 * Every round goes through all variants, every variant through all contestants, one after the
 * other: A B, then B A. What the machine does meanwhile falls on all alike.
 */
export async function inTurns<Variant, Contestant>(
  {
    rounds,
    variants,
    contestants,
  }: {
    readonly rounds: number;
    readonly variants: readonly Variant[];
    readonly contestants: readonly Contestant[];
  },
  measure: (turn: {
    readonly round: number;
    readonly variant: Variant;
    readonly contestant: Contestant;
  }) => Promise<void>,
): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    for (const [at, variant] of variants.entries()) {
      for (const contestant of rotated(contestants, round - 1 + at)) {
        await measure({ round, variant, contestant });
      }
    }
  }
}
