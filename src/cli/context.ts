/** What a command works with. */
import type { Client } from "../client/index";
import type { ExitCode } from "./exit-codes";
import type { Paint } from "./style";
import type { Terminal } from "./terminal";
import { toJson } from "./values";

export interface Context {
  /** Asks the endpoints that the command line names. */
  readonly client: Client;
  /** Asks one of them alone. */
  readonly clientOf: (endpoint: string) => Client;
  readonly terminal: Terminal;
  readonly paint: Paint;
  /** Whether answers are told in JSON. */
  readonly isJson: boolean;
  /** Aborted when a person has had enough: Ctrl-C. */
  readonly signal: AbortSignal;
  /** Ms since the epoch. */
  readonly wallMs: () => number;
  /** Resolves after `delayMs`, or at once when the signal is aborted. */
  readonly pause: (delayMs: number) => Promise<void>;
}

/** What a command does; it ends with 0 where it does not say otherwise. */
export type Work = (context: Context) => Promise<ExitCode | undefined>;

/** Does a command's work, once the line is understood. */
export type Run = (work: Work) => Promise<void>;

/** Tells an answer: in JSON as it came, or in the words of `told` for people. */
export async function say(
  { isJson, terminal }: Context,
  answer: unknown,
  told: () => string,
): Promise<undefined> {
  await terminal.write(isJson ? `${toJson(answer)}\n` : told());
}
