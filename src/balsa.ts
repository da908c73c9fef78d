#!/usr/bin/env bun
/** The one program of the package: what runs a node, and what asks a cluster. */
import { setTimeout } from "node:timers/promises";
import packageJson from "../package.json";
import { processTerminal } from "./cli/process-terminal";
import { runCommandLine } from "./cli/program";
import { FLAGS } from "./config";
import { RECOVER_FLAGS, RECOVER_SWITCHES } from "./recover-flags";

/** What a shell makes of a program that SIGINT has ended. */
const EXIT_INTERRUPTED = 130;

// Ctrl-C ends what is under way, which then says what came of it; a second one does not wait.
const interrupted = new AbortController();
const interrupt = () => {
  if (interrupted.signal.aborted) process.exit(EXIT_INTERRUPTED);
  interrupted.abort();
};
process.on("SIGINT", interrupt);

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(process.env, interrupted.signal),
  environment: process.env,
  version: packageJson.version,
  node: {
    serveFlags: FLAGS,
    recoverFlags: [
      ...RECOVER_FLAGS,
      ...Object.entries(RECOVER_SWITCHES).map(([name, meaning]) => ({
        name,
        meaning,
        isSwitch: true,
      })),
    ],
    run: async (args) => {
      // A node has an end of its own.
      process.off("SIGINT", interrupt);
      // It is much code, which nobody who asks for a key should wait for.
      const { main } = await import("./main");
      return main(args);
    },
  },
  signal: interrupted.signal,
  wallMs: () => Date.now(),
  pause: (delayMs) =>
    setTimeout(delayMs, undefined, { signal: interrupted.signal }).catch(() => {}),
});
