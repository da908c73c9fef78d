/** A promise was broken: the simulation stops at the event that broke it. */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
  constructor(
    /** The invariant's id and name, as "I1 election safety". */
    readonly invariant: string,
    readonly detail: string,
  ) {
    super(`${invariant}: ${detail}`);
  }
}
