/** A broken assumption of ours, never of a user: the node stops rather than lies. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
  readonly code = "assertion_failed";
}

/** States what must be true here. One condition per call. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
