/** The end of a process that could not start, or must not go on: one line, and an exit code. */
import { AssertionError } from "./assert";
import { FatalError, StartupError } from "./errors";

/** Exit codes (contract): a start that cannot be, and a fault in flight. */
export const EXIT_STARTUP = 2;
const EXIT_FATAL = 1;

/** Says in one line what ended the process, and ends it. */
export function exitWith(error: unknown): never {
  const line =
    error instanceof FatalError
      ? `balsa: ${error.code}: ${error.message}; next: ${error.facts.nextStep}`
      : error instanceof StartupError
        ? `balsa: ${error.code}: ${error.message}`
        : `balsa: ${describeFault(error)}`;
  process.stderr.write(`${line}\n`);
  process.exit(error instanceof StartupError ? EXIT_STARTUP : EXIT_FATAL);
}

/** A fault of ours: what was broken, and where, still in one line. */
function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return `internal: ${String(error)}`;
  const code = error instanceof AssertionError ? error.code : "internal";
  const where = error.stack?.match(/at .*$/m)?.[0] ?? "at an unknown place";
  return `${code}: ${error.message}, ${where}; next: keep the data directory and report this`;
}
