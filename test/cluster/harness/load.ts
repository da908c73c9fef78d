/** Many clients at once: reads, sets, retried sets and compare-and-sets on a few shared keys. */
import { type SeededRandom, seededRandom } from "../../seeded-random";
import { ApiClient } from "./api-client";
import type { Cluster } from "./cluster";
import { pause } from "./deadline";
import { type Fate, fateOfWrite, History, type Wish } from "./history";

export interface LoadOptions {
  readonly clients?: number;
  /** A client's rest between two operations. */
  readonly thinkTimeMs?: number;
  readonly requestTimeoutMs?: number;
}

const DEFAULTS = { clients: 64, thinkTimeMs: 10, requestTimeoutMs: 2_000 };
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
  private node = 0;

  constructor(
    private readonly load: Load,
    readonly id: number,
    private readonly random: SeededRandom,
  ) {
    this.node = id;
  }

  async live(): Promise<void> {
    while (!this.load.stopping) {
      const fate = await this.operate(this.load.nextKey(this.random));
      if (fate.kind === "unknown" || fate.kind === "not_applied") await this.moveOn();
      await pause(this.load.options.thinkTimeMs * 2 * this.random.random());
    }
    this.client?.close();
  }

  private operate(key: string): Promise<Fate> {
    const { history } = this.load;
    const value = this.load.nextValue();
    const chance = this.random.random();
    const note = (wish: Wish, act: () => Promise<Fate>) => history.record(this.id, key, wish, act);
    if (chance < 0.4) return note({ kind: "get" }, () => this.read(key));
    if (chance < 0.6) return note({ kind: "set", value }, () => this.set(key, value));
    if (chance < 0.75) return note({ kind: "set", value }, () => this.setWithRetries(key, value));
    return this.readThenCompareAndSet(key, value);
  }

  /** The way a client uses conditions: a read, then a write on what it saw. */
  private async readThenCompareAndSet(key: string, value: string): Promise<Fate> {
    const { history } = this.load;
    const read = await history.record(this.id, key, { kind: "get" }, () => this.read(key));
    if (read.kind !== "read") return read;
    const expected = read.revision;
    const wish: Wish = { kind: "compareAndSet", value, expected };
    return history.record(this.id, key, wish, () => this.compareAndSet(key, value, expected));
  }

  private async read(key: string): Promise<Fate> {
    const reply = await this.connected().get(key, this.patience);
    if (!reply.ok) return { kind: "not_applied", code: reply.code };
    const revision = reply.body.mod_revision ?? 0;
    return { kind: "read", value: (reply.body.value ?? null) as string | null, revision };
  }

  private async set(key: string, value: string): Promise<Fate> {
    return fateOfWrite(await this.connected().set(key, value, this.patience));
  }

  /** Asks again, on the next node, with the same idempotency key, until the outcome is known. */
  private async setWithRetries(key: string, value: string): Promise<Fate> {
    let fate: Fate = { kind: "unknown", code: "never_sent" };
    for (let tries = 0; tries < RETRIES_MAX; tries++) {
      const options = { ...this.patience, idempotencyKey: value };
      fate = fateOfWrite(await this.connected().set(key, value, options));
      if (fate.kind === "written") break;
      await this.moveOn();
      await pause(RETRY_PAUSE_MS);
    }
    // A refusal of the last try says nothing about the tries before it.
    return fate.kind === "written" ? fate : { kind: "unknown", code: "retried" };
  }

  private async compareAndSet(key: string, value: string, expected: number): Promise<Fate> {
    const condition = expected === 0 ? { ifNoneMatch: true } : { ifMatch: expected };
    return fateOfWrite(await this.connected().set(key, value, { ...this.patience, ...condition }));
  }

  private get patience() {
    return { timeoutMs: this.load.options.requestTimeoutMs };
  }

  private connected(): ApiClient {
    const { nodes } = this.load.cluster;
    const node = nodes[this.node % nodes.length];
    if (!node) throw new Error("a cluster without nodes");
    this.client ??= new ApiClient(node.apiPort);
    return this.client;
  }

  private async moveOn(): Promise<void> {
    this.client?.close();
    this.client = null;
    this.node++;
    await pause(RETRY_PAUSE_MS * this.random.random());
  }
}

/** A load that runs from its creation until `stopping` is set. */
class Load {
  readonly history = new History();
  readonly options: typeof DEFAULTS;
  stopping = false;
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
    return `${keySet}/${random.below(KEYS_AT_ONCE)}`;
  }

  nextValue(): string {
    return `v${++this.values}`;
  }

  /** Lets the operations under way end. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.visitors);
  }

  /** One more read of every key, after which a lost write has nowhere to hide. */
  async readEveryKey(): Promise<void> {
    const keys = new Set(this.history.operations.map(({ key }) => key));
    const reader = this.options.clients;
    for (const key of keys) {
      await this.cluster.ask(this.cluster.inTurn(), (client) =>
        this.history.record(reader, key, { kind: "get" }, async () => {
          const reply = await client.get(key);
          if (!reply.ok) throw new Error(`cannot read ${key} at the end: ${reply.detail}`);
          const { value = null, mod_revision: revision = 0 } = reply.body;
          return { kind: "read", value: value as string | null, revision };
        }),
      );
    }
  }
}

/** Runs `story` while clients are at work, and answers what they saw, every key's end included. */
export async function underLoad(
  cluster: Cluster,
  story: () => Promise<void>,
  options: LoadOptions = {},
): Promise<History> {
  const load = new Load(cluster, options);
  try {
    await story();
  } finally {
    await load.stop();
  }
  await load.readEveryKey();
  return load.history;
}
