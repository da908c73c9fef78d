/** A broken assumption of ours, never of a user: the node stops rather than lies. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
  readonly code = "assertion_failed";
}

/** States what must be true here. One condition per call. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a branch that the types already rule out. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
