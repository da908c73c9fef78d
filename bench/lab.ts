/** Where scenarios work: it keeps their measurements, their peers and their folders. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Load } from "./load/load";
import type { Measurement, PeerName } from "./measurement";
import { startableBalsa } from "./peers/balsa";
import { startableEtcd } from "./peers/etcd";
import { startableFloor } from "./peers/floor";
import type { HttpCluster } from "./peers/http-cluster";
import type { DrivenReport, Peer, PeerOptions } from "./peers/peer";
import { Redis } from "./peers/redis";
import { undisturbed } from "./standstill";

/** How thorough a run is. Units: s. */
export interface Effort {
  readonly rounds: number;
  readonly isQuick: boolean;
  /** How long one measurement takes. */
  readonly seconds: number;
  /**
   * A load before the first measurement, the same for every peer. A just-in-time compiler is done
   * with most of a server after a minute; the others lose nothing by it.
   */
  readonly warmUpSeconds: number;
}

export const thoroughEffort = (rounds: number): Effort => ({
  rounds,
  isQuick: false,
  seconds: 5,
  warmUpSeconds: 60,
});
export const quickEffort = (rounds: number): Effort => ({
  rounds,
  isQuick: true,
  seconds: 2,
  warmUpSeconds: 4,
});

export type ClusterName = Exclude<PeerName, "redis">;

/** A load generator of one thread that takes more of a core is itself the bound. */
const CLIENT_SHARE_MAX = 0.9;

const clusters: Readonly<Record<ClusterName, (options: PeerOptions) => HttpCluster>> = {
  balsa: startableBalsa,
  etcd: startableEtcd,
  floor: startableFloor,
};

export class Lab {
  readonly measurements: Measurement[] = [];
  /** Loads in which requests failed that should not have. */
  readonly complaints: string[] = [];
  readonly #say: (line: string) => void;
  /** Of data and logs, on one disk. */
  readonly #folder: string;
  #folders = 0;
  readonly #removeFolder = () => rmSync(this.#folder, { recursive: true, force: true });

  constructor(
    readonly effort: Effort,
    say: (line: string) => void,
  ) {
    this.#say = say;
    this.#folder = mkdtempSync(join(tmpdir(), "balsa-bench-"));
    process.once("exit", this.#removeFolder);
  }

  say(line: string): void {
    this.#say(line);
  }

  record(measurement: Measurement): void {
    this.measurements.push(measurement);
    const { scenario, variant, peer, round, metrics } = measurement;
    const numbers = Object.entries(metrics).map(
      ([name, value]) => `${name} ${Number(value.toPrecision(4))}`,
    );
    this.#say(`${scenario} ${variant} ${peer} round ${round}: ${numbers.join(", ")}`);
  }

  /** What must not happen: it is told at once and again in the end, and the run fails. */
  complain(line: string): void {
    this.complaints.push(line);
    this.#say(`ERROR: ${line}`);
  }

  /** Runs `work` with started peers on fresh data, which are gone afterwards. */
  async withPeers(names: readonly PeerName[], work: (peers: readonly Peer[]) => Promise<void>) {
    const peers = names.map((name) =>
      name === "redis" ? new Redis({ folder: this.#newFolder() }) : this.#cluster(name, {}),
    );
    await this.#whileRunning(peers, () => work(peers));
  }

  /** The same with clusters of one kind, each started as told. */
  async withClusters(
    name: ClusterName,
    options: readonly Omit<PeerOptions, "folder">[],
    work: (clusters: readonly HttpCluster[]) => Promise<void>,
  ) {
    const started = options.map((each) => this.#cluster(name, each));
    await this.#whileRunning(started, () => work(started));
  }

  /** The same with one. */
  withCluster(
    name: ClusterName,
    options: Omit<PeerOptions, "folder">,
    work: (cluster: HttpCluster) => Promise<void>,
  ) {
    return this.withClusters(name, [options], async ([cluster]) => {
      if (cluster !== undefined) await work(cluster);
    });
  }

  /**
   * A load, looked at for what should not be: failed requests, elections, and a load generator
   * that is itself what holds the peer back.
   */
  async drive(peer: Peer, load: Load, what: string): Promise<DrivenReport> {
    const { elections, report } = await this.undisturbed(async () => {
      const term = await peer.term();
      const report = await peer.drive(load);
      return { report, elections: (await peer.term()) - term };
    });
    const { broken, clientCpuSeconds, refused, requests, seconds } = report;
    if (requests === 0) this.complain(`${what} ${peer.name}: nothing was answered`);
    const failed = refused + broken;
    if (failed > 0) this.complain(`${what} ${peer.name}: ${failed} requests failed`);
    if (elections > 0) this.complain(`${what} ${peer.name}: ${elections} elections`);
    const clientShare = clientCpuSeconds / seconds;
    if (clientShare > CLIENT_SHARE_MAX) {
      this.say(`${what} ${peer.name}: the load generator is busy, the peer may be faster`);
    }
    return report;
  }

  /** What `work` measures, once the machine did not stand still meanwhile. */
  undisturbed<Result>(work: () => Promise<Result>): Promise<Result> {
    return undisturbed(work, { say: this.#say });
  }

  /** Removes what was written. */
  close(): void {
    process.off("exit", this.#removeFolder);
    this.#removeFolder();
  }

  #cluster(name: ClusterName, options: Omit<PeerOptions, "folder">): HttpCluster {
    return clusters[name]({ ...options, folder: this.#newFolder() });
  }

  #newFolder(): string {
    return join(this.#folder, `${++this.#folders}`);
  }

  async #whileRunning(peers: readonly Peer[], work: () => Promise<void>): Promise<void> {
    try {
      await Promise.all(peers.map((peer) => peer.start()));
      await work();
    } finally {
      await Promise.all(peers.map((peer) => peer.stop()));
    }
  }
}
