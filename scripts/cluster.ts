/**
 * `npm start`: runs every line of the Procfile side by side, until it is told to stop.
 *
 * Foreman and nf stop the whole cluster when one process dies; here the others go on, which is
 * what a consensus store is for. A dead node is not restarted: `npm run node -- 1` does that.
 * SIGINT and SIGTERM are passed on once, then everyone's graceful stop is awaited.
 *
 * Usage: bun scripts/cluster.ts [path of a Procfile]
 */
import { type CloseEvent, createConcurrently, Logger, LogOutput } from "concurrently";
import { pathWithBun, projectRoot, readProcfile } from "./procfile";

const PREFIX_COLORS = ["cyan", "magenta", "yellow", "green", "blue"];
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const entries = readProcfile(process.argv[2]);
const env = { PATH: pathWithBun() };
const logger = new Logger({ prefixFormat: "name" });
let stopping = false;

const { commands, result } = createConcurrently(
  entries.map((entry) => ({ ...entry, env })),
  {
    cwd: projectRoot,
    prefixColors: PREFIX_COLORS,
    logger,
    outputStream: process.stdout,
    controllers: [new LogOutput({ logger })],
    // Each line starts with `exec`, so the process is the node itself and has no children to find.
    kill: (pid, signal) => process.kill(pid, signal),
  },
);

/** What became of one process, for the person who watches. */
function describe({ command, exitCode }: CloseEvent): string {
  const ended = typeof exitCode === "string" ? `was killed by ${exitCode}` : `exited ${exitCode}`;
  if (stopping) return ended;
  const others = commands.some(({ state }) => state === "started")
    ? "the others go on"
    : "all are gone";
  return `${ended}; ${others}. Start it again with: npm run node -- ${command.name}`;
}

for (const command of commands) {
  logger.logCommandEvent(`runs as process ${command.pid}`, command);
  command.close.subscribe((event) => logger.logCommandEvent(describe(event), command));
}

for (const signal of STOP_SIGNALS) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    // A closed terminal is no reason for a rude end: nodes know SIGINT and SIGTERM.
    for (const command of commands) command.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
  });
}

/** Nodes that were dead before the stop have been reported then and do not spoil its success. */
const graceful = (event: CloseEvent) => !event.killed || event.exitCode === 0;

const events = await result.catch((closed: CloseEvent[]) => closed);
process.exitCode = stopping && events.every(graceful) ? 0 : 1;
