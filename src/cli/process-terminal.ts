/** The terminal, or whatever stands in for it, that this process was given. */
import { once } from "node:events";
import { addAbortSignal } from "node:stream";
import type { Terminal } from "./terminal";

/** What a pipe has instead of a width. */
const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

/** Ends quietly once nobody reads any more, as `balsa list | head` has it. */
export function processTerminal(environment: NodeJS.ProcessEnv, signal: AbortSignal): Terminal {
  const { stderr, stdin, stdout } = process;
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      process.exit(error.code === "EPIPE" ? 0 : 1);
    });
  }
  const isInteractive = stdout.isTTY === true;
  const forbidsColour = (environment.NO_COLOR ?? "") !== "" || environment.TERM === "dumb";
  return {
    isInteractive,
    hasColour: isInteractive && !forbidsColour,
    get columns() {
      return stdout.columns || COLUMNS_DEFAULT;
    },
    get rows() {
      return stdout.rows || ROWS_DEFAULT;
    },
    async write(said) {
      if (!stdout.write(said)) await once(stdout, "drain");
    },
    tell: (line) => {
      stderr.write(`${line}\n`);
    },
    async readInput() {
      const chunks: Uint8Array[] = [];
      for await (const chunk of addAbortSignal(signal, stdin)) chunks.push(chunk);
      return new Uint8Array(Buffer.concat(chunks));
    },
  };
}
