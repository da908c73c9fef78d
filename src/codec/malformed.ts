/**
 * Bytes that are not what they claim to be. From a peer it closes that link; from our own log,
 * whose checksum held, it means that we wrote it wrongly, and the node stops.
 */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
  readonly code = "malformed";
  constructor(
    /** What was being read, such as "command" or "hello". */
    readonly subject: string,
    /** What is wrong with it, for people; carries no user data. */
    readonly detail: string,
  ) {
    super(`malformed ${subject}: ${detail}`);
  }
}
