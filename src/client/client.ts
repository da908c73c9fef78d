/**
 * A client of a cluster: any node will do. Answers are the API's own, snake case and all, so that
 * what the documents and `curl` show is what a program gets; values come as they were stored.
 */
import type {
  Backup,
  DeleteAnswer,
  KeyValue,
  ListedKey,
  ListPage,
  LogPage,
  SetAnswer,
  SnapshotAnswer,
  StaleRead,
  StatusAnswer,
  TransferAnswer,
} from "./answers";
import { openBackup } from "./backup";
import type { Attempt, CallOptions } from "./call";
import { Calls } from "./calls";
import { Endpoints } from "./endpoints";
import { isClientError } from "./errors";
import { given } from "./given";
import { Inspection } from "./inspection";
import { pathKey } from "./keys";
import { TIMEOUT_MS_DEFAULT, TRY_TIMEOUT_MS_DEFAULT } from "./limits";
import { Members } from "./members";
import type { ClientOptions, ListOptions, LogOptions, WriteOptions } from "./options";
import { stalenessOf } from "./staleness";
import { realSurroundings } from "./surroundings";
import { decodeValue, type StoredValue, storedValue } from "./values";

/**
 * Makes a client; nothing is sent yet. **Errors**: `TypeError` for an endpoint that is none,
 * `RangeError` for a timeout that is none. Every call's **errors**: `ClientError`.
 */
export const createClient = (options: ClientOptions): Client => new Client(options);

export class Client {
  /** Who takes part, and changes of that. */
  readonly members: Members;
  /** What the machines of a node do, and why it is as it is. */
  readonly inspection: Inspection;
  private readonly calls: Calls;

  constructor({ endpoints, surroundings, timeoutMs, tryTimeoutMs }: ClientOptions) {
    this.calls = new Calls(
      new Endpoints(endpoints),
      { ...realSurroundings, ...surroundings },
      {
        timeoutMs: timeoutMs ?? TIMEOUT_MS_DEFAULT,
        tryTimeoutMs: tryTimeoutMs ?? TRY_TIMEOUT_MS_DEFAULT,
      },
    );
    this.members = new Members(this.calls);
    this.inspection = new Inspection(this.calls);
  }

  /** As they are asked, each in its one spelling. */
  get endpoints(): readonly string[] {
    return this.calls.endpoints.all;
  }

  /** A key; null where there is none. Linearizable: every write acknowledged before is seen. */
  async get(key: string, options: CallOptions = {}): Promise<KeyValue | null> {
    return (await this.read(key, "linearizable", options)).item;
  }

  /** A key as the node asked has it, at once, labelled with how old that may be. */
  getStale(key: string, options: CallOptions = {}): Promise<StaleRead> {
    return this.read(key, "stale", options);
  }

  /** Sets a key, exactly once however often it has to be sent. */
  async set(key: string, value: StoredValue, options: WriteOptions = {}): Promise<SetAnswer> {
    const { headers, ...write } = this.writing(options);
    // Whatever the way: what no path can name could neither be read again nor deleted.
    const path = pathKey(key);
    if (!(value instanceof Uint8Array)) {
      const send = ({ api, ...asked }: Attempt) =>
        api.set.post({ key, value }, { ...asked, headers });
      return (await this.calls.run({ ...write, send }, options)).data;
    }
    const withType = { ...headers, "content-type": "application/octet-stream" };
    // Eden would make JSON of a body that it is handed: bytes go past it.
    const send = ({ api, fetch, query }: Attempt) =>
      api.v1
        .kv({ key: path })
        .put(undefined, { query, headers: withType, fetch: { ...fetch, body: value } });
    return (await this.calls.run({ ...write, send }, options)).data;
  }

  /** Deletes a key, exactly once; `deleted` is false where there was none. */
  async delete(key: string, options: WriteOptions = {}): Promise<DeleteAnswer> {
    const { headers, ...write } = this.writing(options);
    const path = pathKey(key);
    const send = ({ api, ...asked }: Attempt) =>
      api.v1.kv({ key: path }).delete(undefined, { ...asked, headers });
    return (await this.calls.run({ ...write, send }, options)).data;
  }

  /** A page of keys in the order of their bytes; `cursor` is `next_cursor` of the one before. */
  async page(options: ListOptions & { readonly cursor?: string } = {}): Promise<ListPage> {
    const { consistency, cursor, keysOnly, limit, prefix } = options;
    const asked = { consistency, cursor, keys_only: keysOnly, limit, prefix };
    const send = ({ api, fetch, query }: Attempt) =>
      api.v1.kv.get({ query: { ...query, ...given(asked) }, fetch });
    const { data, response } = await this.calls.run({ repetition: "read", send }, options);
    const items = data.items.map(({ encoding, value, ...item }) =>
      value === undefined ? item : { ...item, value: storedValue({ encoding, value }) },
    );
    return { ...data, items, staleness_ms: stalenessOf(response) };
  }

  /** Every key, page by page; each page is consistent in itself, and its options count for it. */
  async *list(options: ListOptions = {}): AsyncGenerator<ListedKey, void, undefined> {
    let cursor: string | null = null;
    do {
      const page: ListPage = await this.page({ ...options, ...(cursor !== null && { cursor }) });
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** Committed entries, as the node asked has them. */
  async log(options: LogOptions = {}): Promise<LogPage> {
    const { from, limit } = options;
    const send = ({ api, fetch, query }: Attempt) =>
      api.v1.log.get({ query: { ...query, ...given({ from, limit }) }, fetch });
    const { data } = await this.calls.run({ repetition: "read", send }, options);
    return { ...data, items: data.items.map(decodeValue) };
  }

  /** Every node's role, progress and health, as the node asked knows them. */
  async status(options: CallOptions = {}): Promise<StatusAnswer> {
    const send = ({ api, ...asked }: Attempt) => api.cluster.status.get(asked);
    return (await this.calls.run({ repetition: "read", send }, options)).data;
  }

  /** Has another voter lead: `to`, or the best one where it is null. */
  async transferLeadership(
    to: number | null = null,
    options: CallOptions = {},
  ): Promise<TransferAnswer> {
    const send = ({ api, ...asked }: Attempt) =>
      api.v1.cluster["transfer-leadership"].post(to === null ? {} : { to }, asked);
    const call = { repetition: "once", isLong: true, send } as const;
    return (await this.calls.run(call, options)).data;
  }

  /** Has the node asked take a snapshot now. */
  async snapshot(options: CallOptions = {}): Promise<SnapshotAnswer> {
    const send = ({ api, ...asked }: Attempt) => api.v1.snapshot.post(undefined, asked);
    const call = { repetition: "repeatable", isLong: true, send } as const;
    return (await this.calls.run(call, options)).data;
  }

  /** Everything, as a file for `--restore`; the time counts until it begins. */
  backup(options: CallOptions = {}): Promise<Backup> {
    return openBackup(this.calls, options);
  }

  private async read(
    key: string,
    consistency: "linearizable" | "stale",
    options: CallOptions,
  ): Promise<StaleRead> {
    const path = pathKey(key);
    const send = ({ api, fetch, query }: Attempt) =>
      api.v1.kv({ key: path }).get({ query: { ...query, consistency }, fetch });
    try {
      const { data, response } = await this.calls.run({ repetition: "read", send }, options);
      return { item: decodeValue(data), staleness_ms: stalenessOf(response) };
    } catch (error) {
      if (!isClientError(error, "key_not_found")) throw error;
      return { item: null, staleness_ms: error.facts.staleness };
    }
  }

  /** A write's headers: its condition, and the key under which it happens once. */
  private writing({ idempotencyKey, ifRevision }: WriteOptions) {
    const key = idempotencyKey ?? this.calls.surroundings.drawIdempotencyKey();
    const condition =
      ifRevision === undefined
        ? {}
        : ifRevision === 0
          ? { "if-none-match": "*" }
          : { "if-match": `"${ifRevision}"` };
    return {
      repetition: "repeatable",
      idempotencyKey: key,
      headers: { "idempotency-key": key, ...condition },
    } as const;
  }
}
