/** What Balsa and etcd have in common here: nodes as processes, an HTTP interface, a leader. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../test/cluster/harness/deadline";
import { type Load, setsOfNewKeys } from "../load/load";
import { type Dialect, driveWrk, type KeySequence, type WrkReport } from "../load/wrk";
import type { PeerName } from "../measurement";
import { Daemon } from "./daemon";
import { presentKey, presentKeysFrom, sequenceOf } from "./key-sequences";
import type { DrivenReport, Peer, PeerOptions } from "./peer";
import { metered, type Usage, usageOfAll } from "./usage";

/** Longer than any of them needs on a busy machine. Units: ms. */
const READY_MS = 60_000;
const PROBE_TIMEOUT_MS = 1_000;
const LOG_CHARACTERS_SHOWN = 1_000;
/** A slice of a fill, and with how many clients. */
const FILL_SECONDS = 2;
const FILL_CONNECTIONS = 256;
/** Slices with failed requests, which are done again, before it is given up. */
const FILL_FAILURES_MAX = 5;
/** So many keys are looked at after a fill. */
const FILL_SAMPLES = 20;

/** What a node says of the cluster. */
export interface Standing {
  readonly term: number;
  /** True where the node that was asked leads. */
  readonly leads: boolean;
  /** Some name of the leader, the same whoever is asked; null where there is none. */
  readonly leader: string | number | null;
}

/** How one node is to be run, and how it is spoken to. */
export interface NodeRecipe {
  readonly id: number;
  readonly url: string;
  readonly command: readonly string[];
}

/** What only one product knows. */
export interface HttpProduct {
  readonly name: Exclude<PeerName, "redis">;
  /** How it is asked. */
  readonly dialect: Dialect;
  /** The commands of three nodes with their data under the folder. */
  readonly recipes: (options: PeerOptions) => readonly NodeRecipe[];
  readonly standing: (url: string) => Promise<Standing>;
  readonly write: (url: string, key: string, value: string, timeoutMs: number) => Promise<void>;
  /** Whether the key is present. */
  readonly has: (url: string, key: string) => Promise<boolean>;
}

/** JSON in, JSON out. Errors: another status than 200, or no answer in time. */
export async function askJson(
  url: string,
  { body, timeoutMs = PROBE_TIMEOUT_MS }: { body?: object; timeoutMs?: number } = {},
): Promise<unknown> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(timeoutMs),
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** One node: a process and an address. */
export class HttpNode {
  readonly id: number;
  readonly url: string;
  readonly #daemon: Daemon;
  readonly #product: HttpProduct;

  constructor(product: HttpProduct, { id, url, command }: NodeRecipe, folder: string) {
    this.id = id;
    this.url = url;
    this.#product = product;
    this.#daemon = new Daemon({
      name: `${product.name} ${id}`,
      command,
      logFile: join(folder, `${id}.log`),
    });
  }

  get isRunning() {
    return this.#daemon.isRunning;
  }
  get pid() {
    return this.#daemon.pid;
  }
  /** Comes back at once, before it serves. */
  start() {
    this.#daemon.start();
  }
  kill() {
    return this.#daemon.kill();
  }
  signal(name: NodeJS.Signals) {
    this.#daemon.signal(name);
  }
  stop() {
    return this.#daemon.stop();
  }
  log() {
    return this.#daemon.log();
  }
  standing() {
    return this.#product.standing(this.url);
  }
  /** Sets a key by this node, once. Errors: it was not done within `timeoutMs`. */
  write(key: string, value: string, timeoutMs: number) {
    return this.#product.write(this.url, key, value, timeoutMs);
  }
}

export class HttpCluster implements Peer {
  readonly nodes: readonly HttpNode[];
  readonly #product: HttpProduct;

  constructor(product: HttpProduct, options: PeerOptions) {
    this.#product = product;
    mkdirSync(options.folder, { recursive: true });
    this.nodes = product
      .recipes(options)
      .map((recipe) => new HttpNode(product, recipe, options.folder));
  }

  get name() {
    return this.#product.name;
  }

  async start(): Promise<void> {
    for (const node of this.nodes) node.start();
    try {
      const leader = await this.leader();
      await eventually(`a write on ${this.name}`, READY_MS, async () => {
        await leader.write("ready", "yes", PROBE_TIMEOUT_MS);
        return true;
      });
    } catch (cause) {
      const logs = this.nodes.map((node) => node.log().slice(-LOG_CHARACTERS_SHOWN)).join("\n");
      throw new Error(`${this.name} did not start: ${cause}\n${logs}`, { cause });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** Who leads now; waits until all that run agree. */
  async leader(): Promise<HttpNode> {
    return (await this.#office()).leader;
  }

  async term(): Promise<number> {
    return (await this.#office()).term;
  }

  /** The first that follows `leader`. Errors: none does. */
  followerOf(leader: HttpNode): HttpNode {
    const follower = this.nodes.find((node) => node !== leader && node.isRunning);
    if (follower === undefined) throw new Error(`${this.name} has no follower`);
    return follower;
  }

  async drive(load: Load): Promise<DrivenReport> {
    return this.#drive(load, sequenceOf(load));
  }

  /** In slices of a fixed time, for wrk knows no number of requests. */
  async fill(count: number, valueBytes: number): Promise<void> {
    const load: Load = {
      ...setsOfNewKeys,
      connections: Math.min(FILL_CONNECTIONS, count),
      seconds: FILL_SECONDS,
      valueBytes,
      keys: { kind: "present", count },
    };
    let failures = 0;
    for (let next = 0; next < count + load.connections; ) {
      // What was under way when a slice ended may not have been done: those keys are set again.
      const from = Math.max(0, next - load.connections);
      const { broken, nextKey, refused } = await this.#drive(load, presentKeysFrom(from));
      if (refused + broken === 0) next = nextKey;
      else if (++failures > FILL_FAILURES_MAX) throw new Error(`${this.name} cannot be filled`);
    }
    const { url } = await this.leader();
    for (let at = 0; at <= FILL_SAMPLES; at++) {
      const key = presentKey(Math.floor((at * (count - 1)) / FILL_SAMPLES));
      const isThere = await eventually(`an answer of ${this.name}`, READY_MS, () =>
        this.#product.has(url, key),
      );
      if (!isThere) throw new Error(`${this.name} lacks ${key}`);
    }
  }

  usage(): Usage {
    return usageOfAll(this.nodes.map(({ pid }) => pid));
  }

  #office(): Promise<{ readonly leader: HttpNode; readonly term: number }> {
    return eventually(`a leader of ${this.name}`, READY_MS, async () => {
      const running = this.nodes.filter(({ isRunning }) => isRunning);
      const standings = await Promise.all(running.map((node) => node.standing()));
      const known = new Set(standings.map(({ leader }) => leader));
      const leading = running.flatMap((leader, at) => {
        const { leads = false, term = 0 } = standings[at] ?? {};
        return leads ? { leader, term } : [];
      });
      return known.size === 1 && leading.length === 1 ? (leading[0] ?? null) : null;
    });
  }

  async #drive(load: Load, sequence: KeySequence): Promise<DrivenReport & WrkReport> {
    const leader = await this.leader();
    const { url } = load.entrance === "leader" ? leader : this.followerOf(leader);
    const run = { url, dialect: this.#product.dialect, load, sequence };
    return metered(
      () => this.usage(),
      () => driveWrk(run),
    );
  }
}
