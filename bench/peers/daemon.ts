/** A server process of a peer: started, watched, killed and started again by us alone. */
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { within } from "../../test/cluster/harness/deadline";

/** Longer than any of these servers takes to stop gracefully. Units: ms. */
const STOP_WAIT_MS = 15_000;
const LOG_CHARACTERS_SHOWN = 2_000;

export interface DaemonOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly logFile: string;
}

/** The environment without settings of ours that happen to be in it. */
const cleanEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(BALSA|ETCD)_/.test(name)));

/** Nobody outlives us, whatever we end by. */
const running = new Set<Bun.Subprocess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class Daemon {
  readonly #options: DaemonOptions;
  #child: Bun.Subprocess | null = null;

  constructor(options: DaemonOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && !this.#child.signalCode;
  }

  /** Errors: it does not run. */
  get pid(): number {
    if (this.#child === null || !this.isRunning) {
      throw new Error(`${this.#options.name} is not running: ${this.logTail()}`);
    }
    return this.#child.pid;
  }

  start(): void {
    const { command, logFile } = this.#options;
    const log = openSync(logFile, "a");
    const child: Bun.Subprocess = Bun.spawn([...command], {
      env: cleanEnvironment(),
      stdio: ["ignore", log, log],
      onExit: () => {
        running.delete(child);
      },
    });
    closeSync(log);
    running.add(child);
    this.#child = child;
  }

  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.#child?.kill(name);
  }

  /** `kill -9`, and waits for the process to be gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#child?.exited;
  }

  /** SIGTERM; and `kill -9` for one that does not end by itself. */
  async stop(): Promise<void> {
    this.signal("SIGTERM");
    const child = this.#child;
    if (child !== null && (await within(STOP_WAIT_MS, child.exited)) === null) await this.kill();
  }

  /** All it has said since its first start. */
  log(): string {
    const { logFile } = this.#options;
    return existsSync(logFile) ? readFileSync(logFile, "utf8") : "";
  }

  logTail(): string {
    return this.log().slice(-LOG_CHARACTERS_SHOWN);
  }
}
