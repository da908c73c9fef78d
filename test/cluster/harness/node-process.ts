/** One real node: a process of its own, with its ports, its data directory and its log. */
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../architecture/source";
import { within } from "./deadline";

/** How a node is to be run. */
export interface NodeOptions {
  readonly id: number;
  readonly apiPort: number;
  readonly peerPort: number;
  /** The value of `--cluster`; null for a node that joins, or knows its cluster already. */
  readonly founders: string | null;
  readonly dataDirectory: string;
  readonly logFile: string;
  /** More flags, as they stand on the command line. */
  readonly flags: readonly string[];
  /** Put before the command, for example a tracer. */
  readonly wrapper: readonly string[];
}

/** Longer than the 5 s in which a node promises to stop. */
const STOP_WAIT_MS = 10_000;
const LOG_LINES_SHOWN = 60;

/** The environment without any setting of a node that happens to be in it. */
const cleanEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("BALSA_")));

export class NodeProcess {
  private child: Bun.Subprocess | null = null;

  constructor(readonly options: NodeOptions) {}

  get id() {
    return this.options.id;
  }
  get apiPort() {
    return this.options.apiPort;
  }
  get isRunning() {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }
  get pid() {
    if (!this.child) throw new Error(`node ${this.id} was never started`);
    return this.child.pid;
  }

  /** Starts the process, its output appended to the log file; `wrapper` for this time only. */
  start(wrapper = this.options.wrapper): void {
    if (this.isRunning) throw new Error(`node ${this.id} is already running`);
    const { id, founders, apiPort, dataDirectory, logFile, flags } = this.options;
    const log = openSync(logFile, "a");
    this.child = Bun.spawn(
      [
        ...wrapper,
        ...[process.execPath, "src/main.ts", "--id", String(id)],
        ...(founders === null ? [] : ["--cluster", founders]),
        ...["--api", `127.0.0.1:${apiPort}`, "--data", dataDirectory, ...flags],
      ],
      { cwd: projectRoot, env: cleanEnvironment(), stdio: ["ignore", log, log] },
    );
    closeSync(log);
  }

  /** Sends a signal and does not wait. */
  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.child?.kill(name);
  }

  /** `kill -9`, and waits for the process to be gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.child?.exited;
  }

  /** SIGTERM, and the exit code. Errors: the process is still there after 10 s. */
  async stop(): Promise<number> {
    this.signal("SIGTERM");
    return this.exitCode(STOP_WAIT_MS);
  }

  /** Waits for the process to end by itself. Errors: it does not within `timeoutMs`. */
  async exitCode(timeoutMs: number): Promise<number> {
    const code = this.child === null ? null : await within(timeoutMs, this.child.exited);
    if (code === null) throw new Error(`node ${this.id} did not exit within ${timeoutMs} ms`);
    return code;
  }

  /** Everything the node has said since its first start. */
  log(): string {
    const { logFile } = this.options;
    return existsSync(logFile) ? readFileSync(logFile, "utf8") : "";
  }

  /** The end of the log, for a failure report. */
  logTail(): string {
    return this.log().trimEnd().split("\n").slice(-LOG_LINES_SHOWN).join("\n");
  }

  /** A file of the data directory. */
  dataPath(name: string): string {
    return join(this.options.dataDirectory, name);
  }
}
