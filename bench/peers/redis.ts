/** One Redis that syncs its log before every answer: the bound of a single machine. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../test/cluster/harness/deadline";
import { freePort } from "../../test/cluster/harness/ports";
import { type Load, setsOfNewKeys } from "../load/load";
import { runToEnd } from "../load/programs";
import { driveRedis } from "../load/redis-benchmark";
import { Daemon } from "./daemon";
import type { DrivenReport, Peer, PeerOptions } from "./peer";
import { metered, type Usage, usageOfAll } from "./usage";

const READY_MS = 30_000;
/** A first short run tells how many requests fill the time. */
const TRIAL_REQUESTS_PER_CONNECTION = 20;
const TRIAL_REQUESTS_MIN = 500;
/** Keys are drawn at random: after so many draws each, hardly one was never drawn. */
const FILL_DRAWS = 15;

export class Redis implements Peer {
  readonly name = "redis";
  readonly #port = freePort();
  readonly #daemon: Daemon;

  constructor({ folder, flags = [] }: PeerOptions) {
    mkdirSync(folder, { recursive: true });
    this.#daemon = new Daemon({
      name: this.name,
      command: [
        ...["redis-server", "--bind", "127.0.0.1", "--port", `${this.#port}`, "--dir", folder],
        ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
        // Its log is not to be written anew while it is measured, nor is etcd's or ours compacted
        // more than they do by default: this is to its favour.
        ...["--auto-aof-rewrite-percentage", "0", ...flags],
      ],
      logFile: join(folder, "1.log"),
    });
  }

  async start(): Promise<void> {
    this.#daemon.start();
    await eventually("a write on redis", READY_MS, async () => {
      const { output } = await this.#ask("SET", "ready", "yes");
      return output.startsWith("OK") ? true : null;
    });
  }

  stop(): Promise<void> {
    return this.#daemon.stop();
  }

  async drive(load: Load): Promise<DrivenReport> {
    const trial = Math.max(TRIAL_REQUESTS_MIN, load.connections * TRIAL_REQUESTS_PER_CONNECTION);
    const first = await driveRedis({ port: this.#port, load, requests: trial });
    const requests = Math.ceil((first.requests / first.seconds) * load.seconds);
    const before = await this.#refusals();
    const run = { port: this.#port, load, requests };
    const report = await metered(
      () => this.usage(),
      () => driveRedis(run),
    );
    const refused = (await this.#refusals()) - before;
    return { ...report, requests: report.requests - refused, refused };
  }

  async fill(count: number, valueBytes: number): Promise<void> {
    const load: Load = { ...setsOfNewKeys, valueBytes, keys: { kind: "present", count } };
    await driveRedis({ port: this.#port, load, requests: count * FILL_DRAWS });
  }

  usage(): Usage {
    return usageOfAll([this.#daemon.pid]);
  }

  async term(): Promise<number> {
    return 0;
  }

  /** How many requests were answered with an error since it started. */
  async #refusals(): Promise<number> {
    const { output } = await this.#ask("INFO", "stats");
    return Number(/^total_error_replies:(\d+)/m.exec(output)?.[1] ?? Number.NaN);
  }

  #ask(...command: readonly string[]) {
    return runToEnd(["redis-cli", "-h", "127.0.0.1", "-p", `${this.#port}`, ...command]);
  }
}
