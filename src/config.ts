/** How a node is started: flags and environment in, one frozen `Config` out. */
import { formatAddress, type HostAndPort } from "./api/addresses";
import { parseDurationMs } from "./durations";
import {
  addEnvironment,
  badFlag,
  describeFlag,
  type Environment,
  type Flag,
  flag,
  parseId,
  readAddress,
  readFlags,
  readId,
  readReachable,
} from "./flags";
import { type RecoverCommand, readRecovery } from "./recover-flags";
import type { Address, Member, NodeId } from "./types";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Config {
  readonly nodeId: NodeId;
  /** In the order of their ids; null where `--cluster` is absent. */
  readonly founders: readonly Member[] | null;
  readonly clusterToken: string;
  /** API addresses of members, for a node being added; null where `--join` is absent. */
  readonly join: readonly Address[] | null;
  /** Where HTTP listens. Port 0 lets the system choose. */
  readonly api: HostAndPort;
  /** The API address that others are told; null for the one it listens at. */
  readonly advertiseApi: Address | null;
  /** Where the peer port listens; null where it is known from the first start, or the cluster. */
  readonly peer: HostAndPort | null;
  readonly dataDirectory: string;
  /** The lower bound: each wait is drawn from [t, 2t). */
  readonly electionTimeoutMs: number;
  /** Invariant: `heartbeatIntervalMs * 3 <= electionTimeoutMs`. */
  readonly heartbeatIntervalMs: number;
  readonly snapshotIntervalMs: number;
  readonly snapshotEntries: number;
  /** A backup to found a new cluster from, at the first start; null for an empty one. */
  readonly restoreFile: string | null;
  readonly logLevel: LogLevel;
}

/** What a command line asks for. */
export type Invocation =
  | { readonly kind: "run"; readonly config: Config }
  | { readonly kind: "recover"; readonly command: RecoverCommand }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" };

/** **Units**: ms. Timers cannot wait for more than 2^31 ms, and a wait may take twice the bound. */
const ELECTION_TIMEOUT_MS_MIN = 30;
const ELECTION_TIMEOUT_MS_MAX = 600_000;
const SNAPSHOT_INTERVAL_MS_MIN = 100;
const SNAPSHOT_INTERVAL_MS_MAX = 7 * 24 * 3_600_000;
const SNAPSHOT_ENTRIES_MIN = 1;

/** Every flag of a node; its variable in the environment bears the same name. */
export const FLAGS: readonly Flag[] = [
  flag("id", "required", "this node's id, a positive integer"),
  flag("cluster", "required at first start", "every founding member as id=host:port, by commas"),
  flag("cluster-token", "balsa", "makes two clusters with the same addresses different"),
  flag("join", "none", "instead of --cluster: API addresses of members, for a node being added"),
  flag("api", "127.0.0.1:8080", "where HTTP listens"),
  flag("advertise-api", "--api", "the API address that others are told"),
  flag("peer", "own address in --cluster", "where the peer port listens"),
  flag("data", "data/<id>", "data directory"),
  flag("election-timeout", "500ms", "lower bound; each wait is drawn from [t, 2t)"),
  flag("heartbeat-interval", "100ms", "at most a third of the election timeout"),
  flag("snapshot-interval", "5m", "a snapshot is taken at least so often, if anything was written"),
  flag("snapshot-entries", "100000", "and after so many applied entries, staggered by id"),
  flag("restore", "none", "at the first start: the backup every founder starts from"),
  flag("log-level", "info", `structured lines on stderr: ${LOG_LEVELS.join(", ")}`),
];

/** Reads a command line without the program's name. **Errors**: `StartupError` `bad_flag`. */
export function readInvocation(args: readonly string[], environment: Environment): Invocation {
  if (args[0] === "recover") return readRecovery(args.slice(1), environment);
  const given = readFlags(args, { flags: FLAGS, switches: [] });
  if (given.has("help")) return { kind: "help", text: helpText() };
  if (given.has("version")) return { kind: "version" };
  addEnvironment(given, FLAGS, environment);
  return { kind: "run", config: Object.freeze(readConfig(given)) };
}

function readConfig(given: ReadonlyMap<string, string>): Config {
  const idText = given.get("id");
  if (idText === undefined) {
    throw badFlag("--id is missing: give this node's number, such as --id 1");
  }
  const id = readId(idText);
  const advertised = given.get("advertise-api");
  const peer = given.get("peer");
  const api = readAddress("--api", given.get("api") ?? "127.0.0.1:8080");
  const advertiseApi =
    advertised === undefined ? null : readReachable("--advertise-api", advertised);
  return {
    nodeId: id,
    founders: readFounders(given.get("cluster"), id),
    clusterToken: given.get("cluster-token") ?? "balsa",
    join: readJoin(given, [formatAddress(api.host, api.port ?? 0), advertiseApi]),
    api,
    advertiseApi,
    peer: peer === undefined ? null : readAddress("--peer", peer),
    dataDirectory: given.get("data") ?? `data/${id}`,
    ...readTimes(given),
    ...readSnapshots(given),
    restoreFile: given.get("restore") ?? null,
    logLevel: readLogLevel(given.get("log-level") ?? "info"),
  };
}

/** Whom to ask for the cluster; `own` are the addresses of this node's own API. */
function readJoin(
  given: ReadonlyMap<string, string>,
  own: readonly (Address | null)[],
): readonly Address[] | null {
  const text = given.get("join");
  if (text === undefined) return null;
  for (const name of ["cluster", "restore"]) {
    if (!given.has(name)) continue;
    throw badFlag(`--${name} founds a cluster and --join enters one: give one of them`);
  }
  const addresses = text.split(",").map((part) => readReachable("--join", part.trim()));
  for (const [at, address] of addresses.entries()) {
    if (own.includes(address)) {
      throw badFlag(`--join ${address} points to this node itself: name the API of a member`);
    }
    if (addresses.indexOf(address) < at) throw badFlag(`--join has the address ${address} twice`);
  }
  return addresses;
}

function readFounders(text: string | undefined, own: NodeId): readonly Member[] | null {
  if (text === undefined) return null;
  const founders = text.split(",").map(readFounder);
  for (const [at, { id, peerAddress }] of founders.entries()) {
    const before = founders.slice(0, at);
    if (before.some((other) => other.id === id)) throw badFlag(`--cluster has the id ${id} twice`);
    if (before.some((other) => other.peerAddress === peerAddress)) {
      throw badFlag(`--cluster has the address ${peerAddress} twice`);
    }
  }
  if (!founders.some(({ id }) => id === own)) {
    throw badFlag(`--cluster does not name this node's --id ${own}: add ${own}=host:port`);
  }
  return founders.toSorted((a, b) => a.id - b.id);
}

function readFounder(text: string): Member {
  const [idText = "", address, ...rest] = text.trim().split("=");
  const id = parseId(idText);
  if (id === null || address === undefined || rest.length > 0) {
    throw badFlag(`--cluster has ${JSON.stringify(text)} where id=host:port is expected`);
  }
  return { id, peerAddress: readReachable("--cluster", address), diskId: null };
}

function readTimes(given: ReadonlyMap<string, string>) {
  const electionTimeoutMs = readDuration("election-timeout", given.get("election-timeout"), 500);
  const heartbeatIntervalMs = readDuration(
    "heartbeat-interval",
    given.get("heartbeat-interval"),
    100,
  );
  if (electionTimeoutMs < ELECTION_TIMEOUT_MS_MIN || electionTimeoutMs > ELECTION_TIMEOUT_MS_MAX) {
    const [min, max] = [ELECTION_TIMEOUT_MS_MIN, ELECTION_TIMEOUT_MS_MAX / 60_000];
    throw badFlag(`--election-timeout must be from ${min}ms to ${max}m`);
  }
  const third = Math.floor(electionTimeoutMs / 3);
  if (heartbeatIntervalMs < 1 || heartbeatIntervalMs > third) {
    throw badFlag(
      `--heartbeat-interval must be from 1ms to a third of the election timeout, ${third}ms`,
    );
  }
  return { electionTimeoutMs, heartbeatIntervalMs };
}

function readSnapshots(given: ReadonlyMap<string, string>) {
  const snapshotIntervalMs = readDuration(
    "snapshot-interval",
    given.get("snapshot-interval"),
    5 * 60_000,
  );
  const [min, max] = [SNAPSHOT_INTERVAL_MS_MIN, SNAPSHOT_INTERVAL_MS_MAX];
  if (snapshotIntervalMs < min || snapshotIntervalMs > max) {
    throw badFlag("--snapshot-interval must be from 100ms to 7 days");
  }
  const text = given.get("snapshot-entries") ?? "100000";
  const snapshotEntries = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(snapshotEntries) || snapshotEntries < SNAPSHOT_ENTRIES_MIN) {
    throw badFlag(`--snapshot-entries ${text} is no integer of at least ${SNAPSHOT_ENTRIES_MIN}`);
  }
  return { snapshotIntervalMs, snapshotEntries };
}

function readDuration(name: string, text: string | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs;
  const durationMs = parseDurationMs(text);
  if (durationMs === null) throw badFlag(`--${name} ${text} is no duration such as 150ms, 5s, 2m`);
  return durationMs;
}

function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw badFlag(`--log-level ${text} is none of ${LOG_LEVELS.join(", ")}`);
  return level;
}

function helpText(): string {
  return [
    "Runs one node of a Balsa cluster.",
    "",
    '  bun src/main.ts --id 1 --cluster "1=127.0.0.1:9081,2=127.0.0.1:9082,3=127.0.0.1:9083" \\',
    "                  --api 127.0.0.1:8081 --data data/1",
    "  npx balsa recover --help    when most of the nodes are lost for good",
    "",
    "Each flag, the variable that stands in for it, its meaning and its default:",
    "",
    ...FLAGS.map(describeFlag),
    `  --${"help, -h".padEnd(48)}shows this`,
    `  --${"version, -v".padEnd(48)}shows the version`,
    "",
    "Durations are written 150ms, 5s, 2m.",
  ].join("\n");
}
