/** What is said of a command that did not do what it was asked, and the exit code for it. */
import { CommanderError } from "@commander-js/extra-typings";
import { type ClientError, isClientError } from "../client/index";
import { EXIT, type ExitCode, exitCodeOf, UsageError } from "./exit-codes";
import type { Terminal } from "./terminal";

/** Tells `error`, on standard error. What is asked for in JSON fails in JSON. */
export function tellFailure(error: unknown, isJson: boolean, terminal: Terminal): ExitCode {
  // The library has said what is wrong with the line, or what it was asked about itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (isClientError(error)) {
    const { code, facts } = error;
    terminal.tell(isJson ? JSON.stringify({ code, ...facts }) : `balsa: ${inWords(error)}`);
    return exitCodeOf(error);
  }
  const detail = error instanceof Error ? error.message : String(error);
  const isUsage = error instanceof UsageError || error instanceof RangeError;
  const code = isUsage ? "usage" : "failed";
  terminal.tell(isJson ? JSON.stringify({ code, detail }) : `balsa: ${detail}`);
  return isUsage ? EXIT.usage : EXIT.failed;
}

function inWords({ facts }: ClientError): string {
  const { detail, idempotencyKey, outcome } = facts;
  if (outcome !== "unknown") return detail;
  if (idempotencyKey === undefined) return `${detail}; whether it was done is unknown`;
  return (
    `${detail}; whether it was applied is unknown: the same command with ` +
    `--idempotency-key ${idempotencyKey} finds out, and does it at most once`
  );
}
