/** The terminal, or whatever stands in for it, that this process was given. */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { addAbortSignal } from "node:stream";
import { EXIT } from "./exit-codes";
import type { Terminal } from "./terminal";

/** What a pipe has instead of a width. */
const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

export function processTerminal(environment: NodeJS.ProcessEnv, signal: AbortSignal): Terminal {
  const { stderr, stdin, stdout } = process;
  // Not before anything is said: a node, which says nothing here, is not to end so.
  const speakWith = (stream: NodeJS.WriteStream): NodeJS.WriteStream =>
    stream.listenerCount("error") > 0 ? stream : stream.on("error", endSpeechless);
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
      if (!speakWith(stdout).write(said)) await once(stdout, "drain");
    },
    tell: (line) => {
      speakWith(stderr).write(`${line}\n`);
    },
    async readInput() {
      const chunks: Uint8Array[] = [];
      for await (const chunk of addAbortSignal(signal, stdin)) chunks.push(chunk);
      return new Uint8Array(Buffer.concat(chunks));
    },
  };
}

/** Nobody reads any more, as `balsa list | head` has it: that is no failure. */
function endSpeechless({ code, message }: NodeJS.ErrnoException): never {
  if (code === "EPIPE") process.exit(EXIT.ok);
  try {
    writeSync(process.stderr.fd, `balsa: cannot write what was asked for: ${message}\n`);
  } finally {
    process.exit(EXIT.failed);
  }
}
