/** The seed's routes and the versioned ones, with every answer read for its true outcome. */
import { type HttpAnswer, HttpConnection, NotSentError } from "./http-connection";

export interface KeyBody {
  readonly key: string;
  readonly value: unknown;
  readonly create_revision: number;
  readonly mod_revision: number;
  readonly version: number;
}
export interface WriteBody {
  readonly key: string;
  readonly revision: number;
  readonly term: number;
  readonly index: number;
}
export interface NodeBody {
  readonly id: number;
  readonly role: "Leader" | "Follower" | "Candidate" | null;
  readonly healthy: boolean;
  readonly term: number | null;
  readonly commit_index: number | null;
  readonly applied_index: number | null;
  readonly last_log_index: number | null;
  readonly snapshot_index: number | null;
  /** A snapshot on its way from the leader. */
  readonly installing?: {
    readonly snapshot_index: number;
    readonly received_bytes: number;
    readonly total_bytes: number;
  };
}
export interface SnapshotBody {
  readonly node: number;
  readonly index: number;
  readonly term: number;
  readonly bytes: number;
}
export interface ListBody {
  readonly items: readonly KeyBody[];
  readonly next_cursor: string | null;
  readonly revision: number;
}
export interface LogBody {
  readonly items: readonly { readonly index: number; readonly command: string }[];
  readonly next_from: number;
  readonly commit_index: number;
}
export interface StatusBody {
  readonly cluster_id: string;
  readonly term: number;
  readonly leader: { readonly id: number; readonly address: string } | null;
  readonly quorum: { readonly voters: number; readonly needed: number; readonly reachable: number };
  readonly nodes: readonly NodeBody[];
}

/** What a request came to. `outcome` is null for a read. */
export type Reply<Body> =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body: Body;
      readonly headers: HttpAnswer["headers"];
    }
  | {
      readonly ok: false;
      /** null when no answer came at all. */
      readonly status: number | null;
      readonly code: string;
      readonly detail: string;
      readonly outcome: "applied" | "not_applied" | "unknown" | null;
      readonly isRetryable: boolean;
      /** With a failed precondition: the key's `mod_revision`. */
      readonly currentRevision: number | null;
    };

export interface WriteOptions {
  readonly ifMatch?: number;
  readonly ifNoneMatch?: boolean;
  readonly idempotencyKey?: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
const SNAPSHOT_TIMEOUT_MS = 60_000;
/** How much longer than the server's own timeout we wait for its answer. */
const PATIENCE_MS = 2_000;

function replyOf<Body>(answer: HttpAnswer): Reply<Body> {
  const body = JSON.parse(answer.body);
  const { headers, status } = answer;
  if (status === 200 || status === 202) return { ok: true, status, body, headers };
  const { code, detail, outcome, retryable, current_revision: currentRevision = null } = body;
  return { ok: false, status, code, detail, outcome, isRetryable: retryable, currentRevision };
}

/** One client of one node; requests follow each other on one connection. */
export class ApiClient {
  readonly connection: HttpConnection;

  constructor(readonly port: number) {
    this.connection = new HttpConnection(port);
  }

  /** A key; `value` is absent from the reply's body where there is none. */
  async get(
    key: string,
    options: { readonly stale?: boolean; readonly timeoutMs?: number } = {},
  ): Promise<Reply<Partial<KeyBody>>> {
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const consistency = options.stale ? "&consistency=stale" : "";
    const path = `/get/${encodeURIComponent(key)}?timeout=${timeoutMs}ms${consistency}`;
    const reply = await this.send<Partial<KeyBody>>("GET", path, { timeoutMs });
    if (reply.ok || reply.code !== "key_not_found") return reply;
    return { ok: true, status: 404, body: {}, headers: {} };
  }

  set(key: string, value: unknown, options: WriteOptions = {}): Promise<Reply<WriteBody>> {
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const headers = {
      ...(options.ifMatch === undefined ? {} : { "if-match": `"${options.ifMatch}"` }),
      ...(options.ifNoneMatch ? { "if-none-match": "*" } : {}),
      ...(options.idempotencyKey ? { "idempotency-key": options.idempotencyKey } : {}),
    };
    const body = JSON.stringify({ key, value });
    return this.send("POST", `/set?timeout=${timeoutMs}ms`, { body, headers, timeoutMs });
  }

  /** Sets a key to bytes. */
  put(key: string, bytes: Uint8Array, timeoutMs = TIMEOUT_MS): Promise<Reply<WriteBody>> {
    const headers = { "content-type": "application/octet-stream" };
    const path = `/v1/kv/${encodeURIComponent(key)}?timeout=${timeoutMs}ms`;
    return this.send("PUT", path, { body: bytes, headers, timeoutMs });
  }

  delete(key: string, timeoutMs = TIMEOUT_MS): Promise<Reply<WriteBody & { deleted: boolean }>> {
    const path = `/v1/kv/${encodeURIComponent(key)}?timeout=${timeoutMs}ms`;
    return this.send("DELETE", path, { timeoutMs });
  }

  status(timeoutMs = TIMEOUT_MS): Promise<Reply<StatusBody>> {
    return this.send("GET", "/cluster/status", { timeoutMs });
  }

  /** `query` as it stands in the path. */
  list(query: string): Promise<Reply<ListBody>> {
    return this.send("GET", `/v1/kv?${query}`, { timeoutMs: TIMEOUT_MS });
  }

  log(query: string): Promise<Reply<LogBody>> {
    return this.send("GET", `/v1/log?${query}`, { timeoutMs: TIMEOUT_MS });
  }

  snapshot(timeoutMs = SNAPSHOT_TIMEOUT_MS): Promise<Reply<SnapshotBody>> {
    return this.send("POST", `/v1/snapshot?timeout=${timeoutMs}ms`, { timeoutMs });
  }

  /** A request about who takes part; `path` from `/v1/cluster/` on, its query included. */
  members<Body>(
    method: string,
    path: string,
    { body, timeoutMs = TIMEOUT_MS }: { body?: object; timeoutMs?: number } = {},
  ): Promise<Reply<Body>> {
    const query = `${path.includes("?") ? "&" : "?"}timeout=${timeoutMs}ms`;
    return this.send(method, `/v1/cluster/${path}${query}`, {
      timeoutMs,
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  isReady(): Promise<Reply<{ readonly ready: true }>> {
    return this.send("GET", "/readyz", { timeoutMs: TIMEOUT_MS });
  }

  close(): void {
    this.connection.close();
  }

  private async send<Body>(
    method: string,
    path: string,
    options: {
      readonly body?: string | Uint8Array;
      readonly headers?: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
    },
  ): Promise<Reply<Body>> {
    const timeoutMs = options.timeoutMs + PATIENCE_MS;
    try {
      return replyOf(await this.connection.request(method, path, { ...options, timeoutMs }));
    } catch (error) {
      const outcome = error instanceof NotSentError ? "not_applied" : "unknown";
      return {
        ok: false,
        status: null,
        code: "no_answer",
        detail: String(error),
        outcome,
        isRetryable: outcome === "not_applied",
        currentRevision: null,
      };
    }
  }
}
