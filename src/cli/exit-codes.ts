/** Exit codes, a contract: what became of a command, for scripts. */
import type { ClientError } from "../client/index";

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  /** A write that may or may not have happened. */
  unknownOutcome: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf({ code, facts }: ClientError): ExitCode {
  if (facts.outcome === "unknown") return EXIT.unknownOutcome;
  if (code === "invalid_request") return EXIT.usage;
  return code === "key_not_found" || code === "not_found" ? EXIT.notFound : EXIT.failed;
}

/** The command line asks for what there is not. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
