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
process.on("SIGINT", () => {
  if (interrupted.signal.aborted) process.exit(EXIT_INTERRUPTED);
  interrupted.abort();
});

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
    // A node is half a second of code that nobody who asks for a key should wait for.
    run: async (args) => (await import("./main")).main(args),
  },
  signal: interrupted.signal,
  wallMs: () => Date.now(),
  pause: (delayMs) =>
    setTimeout(delayMs, undefined, { signal: interrupted.signal }).catch(() => {}),
});
