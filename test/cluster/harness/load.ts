/** Many clients at once: reads, sets, retried sets and compare-and-sets on a few shared keys. */
import type { Call } from "../../../src/simulation/history";
import { type SeededRandom, seededRandom } from "../../seeded-random";
import { ApiClient, type WriteOptions } from "./api-client";
import type { Cluster } from "./cluster";
import { pause } from "./deadline";
import { compareAndSet, type Fate, fateOfGet, fateOfSet, LoadHistory } from "./history";
import type { NodeProcess } from "./node-process";

export interface LoadOptions {
  readonly clients?: number;
  /** A client's rest between two operations. */
  readonly thinkTimeMs?: number;
  readonly requestTimeoutMs?: number;
  /** Clients ask again, elsewhere, until they are answered: with a key of their own for it. */
  readonly persistent?: boolean;
}

const DEFAULTS = { clients: 64, thinkTimeMs: 10, requestTimeoutMs: 2_000, persistent: false };
/** Keys in use at any moment: few, so that clients meet. */
const KEYS_AT_ONCE = 8;
/** After so many operations the keys change, so that no key's history grows beyond searching. */
const OPERATIONS_PER_KEY_SET = 1_500;
/** How often a retried set asks again before its outcome stays unknown. */
const RETRIES_MAX = 20;
const RETRY_PAUSE_MS = 50;

/** One client's way through the cluster: it moves on when its node does not answer. */
class Visitor {
  private client: ApiClient | null = null;
  private turn: number;

  constructor(
    private readonly load: Load,
    readonly id: number,
    private readonly random: SeededRandom,
  ) {
    this.turn = id;
  }

  async live(): Promise<void> {
    while (!this.load.stopping) {
      const fate = await this.operate(this.load.nextKey(this.random));
      if (fate.kind !== "answered") await this.moveOn();
      await pause(this.load.options.thinkTimeMs * 2 * this.random.random());
    }
    this.client?.close();
  }

  private operate(key: string): Promise<Fate> {
    const chance = this.random.random();
    if (chance < 0.4) return this.get(key);
    if (chance < 0.6) return this.set(key, { isRetried: this.isPersistent });
    if (chance < 0.75) return this.set(key, { isRetried: true });
    return this.readThenCompareAndSet(key);
  }

  private note(key: string, call: Call, act: () => Promise<Fate>): Promise<Fate> {
    const asked = { client: `client ${this.id}`, node: this.node.id, key, call };
    return this.load.history.record(asked, act);
  }

  private get(key: string): Promise<Fate> {
    const ask = async () => fateOfGet(await this.connected().get(key, this.patience));
    return this.note(key, { kind: "get" }, () => (this.isPersistent ? this.retry(ask) : ask()));
  }

  private set(key: string, { isRetried }: { readonly isRetried: boolean }): Promise<Fate> {
    const value = this.load.nextValue();
    return this.note(key, { kind: "set", value, condition: null }, () =>
      this.send(key, value, { isRetried }),
    );
  }

  /** One that is retried carries an idempotency key. */
  private send(
    key: string,
    value: string,
    { isRetried, ...condition }: WriteOptions & { readonly isRetried: boolean },
  ): Promise<Fate> {
    const options = { ...this.patience, ...condition };
    const ask = async (more: WriteOptions) =>
      fateOfSet(await this.connected().set(key, value, { ...options, ...more }));
    return isRetried ? this.retry(() => ask({ idempotencyKey: value })) : ask({});
  }

  /** Asks again, on the next node, until the outcome is known. */
  private async retry(ask: () => Promise<Fate>): Promise<Fate> {
    for (let tries = 0; tries < RETRIES_MAX; tries++) {
      const fate = await ask();
      if (fate.kind === "answered") return fate;
      await this.moveOn();
      await pause(RETRY_PAUSE_MS);
    }
    // A refusal of the last try says nothing about the tries before it.
    return { kind: "unknown", code: "retried" };
  }

  /** The way a client uses conditions: a read, then a write on what it saw. */
  private async readThenCompareAndSet(key: string): Promise<Fate> {
    const read = await this.get(key);
    if (read.kind !== "answered") return read;
    const seen = read.answer.kind === "value" ? (read.answer.modRevision ?? 0) : 0;
    const value = this.load.nextValue();
    const condition = seen === 0 ? { ifNoneMatch: true } : { ifMatch: seen };
    return this.note(key, compareAndSet(value, seen), () =>
      this.send(key, value, { ...condition, isRetried: this.isPersistent }),
    );
  }

  private get isPersistent() {
    return this.load.options.persistent;
  }

  private get patience() {
    return { timeoutMs: this.load.options.requestTimeoutMs };
  }

  private get node(): NodeProcess {
    const { nodes } = this.load.cluster;
    const node = nodes[this.turn % nodes.length];
    if (!node) throw new Error("a cluster without nodes");
    return node;
  }

  private connected(): ApiClient {
    this.client ??= new ApiClient(this.node.apiPort);
    return this.client;
  }

  private async moveOn(): Promise<void> {
    this.client?.close();
    this.client = null;
    this.turn++;
    await pause(RETRY_PAUSE_MS * this.random.random());
  }
}

let loads = 0;

/** A load that runs from its creation until `stopping` is set. */
class Load {
  readonly history = new LoadHistory();
  readonly options: typeof DEFAULTS;
  stopping = false;
  /** Apart from every other load's, for a later one may meet the same cluster. */
  private readonly name = `load-${++loads}`;
  private operations = 0;
  private values = 0;
  private readonly visitors: readonly Promise<void>[];

  constructor(
    readonly cluster: Cluster,
    options: LoadOptions,
  ) {
    this.options = { ...DEFAULTS, ...options };
    const random = seededRandom("load");
    this.visitors = Array.from({ length: this.options.clients }, (_, id) =>
      new Visitor(this, id, random).live(),
    );
  }

  nextKey(random: SeededRandom): string {
    const keySet = Math.floor(this.operations++ / OPERATIONS_PER_KEY_SET);
    return `${this.name}/${keySet}/${random.below(KEYS_AT_ONCE)}`;
  }

  nextValue(): string {
    return `${this.name}-${++this.values}`;
  }

  /** Lets the operations under way end. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.visitors);
  }

  /** One more read of every key, after which a lost write has nowhere to hide. */
  async readEveryKey(): Promise<void> {
    const keys = new Set(this.history.operations.map(({ key }) => key));
    for (const key of keys) {
      const node = this.cluster.inTurn();
      const asked = {
        client: "the last reader",
        node: node.id,
        key,
        call: { kind: "get" },
      } as const;
      await this.cluster.ask(node, (client) =>
        this.history.record(asked, async () => {
          const reply = await client.get(key);
          if (!reply.ok) throw new Error(`cannot read ${key} at the end: ${reply.detail}`);
          return fateOfGet(reply);
        }),
      );
    }
  }
}

/** Runs `story` while clients are at work, and answers what they saw, every key's end included. */
export async function underLoad(
  cluster: Cluster,
  story: (history: LoadHistory) => Promise<void>,
  options: LoadOptions = {},
): Promise<LoadHistory> {
  const load = new Load(cluster, options);
  try {
    await story(load.history);
  } finally {
    await load.stop();
  }
  await load.readEveryKey();
  return load.history;
}
