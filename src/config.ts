/** How a node is started: flags and environment in, one frozen `Config` out. */
import { parseArgs } from "node:util";
import { formatAddress, type HostAndPort, parseHostAndPort } from "./api/addresses";
import { parseDurationMs } from "./api/durations";
import { StartupError } from "./errors";
import { type Address, type Member, type NodeId, nodeId } from "./types";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Config {
  readonly nodeId: NodeId;
  /** In the order of their ids; null where `--cluster` is absent, which the first start refuses. */
  readonly founders: readonly Member[] | null;
  readonly clusterToken: string;
  /** Where HTTP listens. Port 0 lets the system choose. */
  readonly api: HostAndPort;
  /** The API address that others are told; null for the one it listens at. */
  readonly advertiseApi: Address | null;
  /** Where the peer port listens; null where only the stored cluster knows. */
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
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" };

interface Flag {
  readonly name: string;
  readonly environment: string;
  /** As it would be written, or what stands for it; empty where there is none. */
  readonly fallback: string;
  readonly meaning: string;
}
const flag = (name: string, fallback: string, meaning: string): Flag => ({
  name,
  environment: `BALSA_${name.toUpperCase().replaceAll("-", "_")}`,
  fallback,
  meaning,
});

/** Every flag there is; its variable in the environment bears the same name. */
export const FLAGS: readonly Flag[] = [
  flag("id", "required", "this node's id, a positive integer"),
  flag("cluster", "required at first start", "every founding member as id=host:port, by commas"),
  flag("cluster-token", "balsa", "makes two clusters with the same addresses different"),
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

/** **Units**: ms. Timers cannot wait for more than 2^31 ms, and a wait may take twice the bound. */
const ELECTION_TIMEOUT_MS_MIN = 30;
const ELECTION_TIMEOUT_MS_MAX = 600_000;
const SNAPSHOT_INTERVAL_MS_MIN = 100;
const SNAPSHOT_INTERVAL_MS_MAX = 7 * 24 * 3_600_000;
const SNAPSHOT_ENTRIES_MIN = 1;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a command line without the program's name. **Errors**: `StartupError` `bad_flag`. */
export function readInvocation(args: readonly string[], environment: Environment): Invocation {
  const given = readFlags(args);
  if (given.has("help")) return { kind: "help", text: helpText() };
  if (given.has("version")) return { kind: "version" };
  for (const { name, environment: variable } of FLAGS) {
    const value = environment[variable];
    // An empty variable is how a shell or a compose file says "none".
    if (!given.has(name) && value !== undefined && value !== "") given.set(name, value);
  }
  return { kind: "run", config: Object.freeze(readConfig(given)) };
}

function readConfig(given: ReadonlyMap<string, string>): Config {
  const id = readId(given.get("id"));
  const founders = readFounders(given.get("cluster"), id);
  const own = founders?.find((member) => member.id === id)?.peerAddress;
  const advertised = given.get("advertise-api");
  return {
    nodeId: id,
    founders,
    clusterToken: given.get("cluster-token") ?? "balsa",
    api: readAddress("--api", given.get("api") ?? "127.0.0.1:8080"),
    advertiseApi: advertised === undefined ? null : readReachable("--advertise-api", advertised),
    peer: readPeer(given.get("peer") ?? own),
    dataDirectory: given.get("data") ?? `data/${id}`,
    ...readTimes(given),
    ...readSnapshots(given),
    restoreFile: given.get("restore") ?? null,
    logLevel: readLogLevel(given.get("log-level") ?? "info"),
  };
}

/** Flags that ask for something else than a node. */
const QUESTIONS = ["help", "version"];

/** The flags as they were given; a question has an empty value. */
function readFlags(args: readonly string[]): Map<string, string> {
  const options = Object.fromEntries([
    ...FLAGS.map(({ name }) => [name, { type: "string" as const }]),
    ...QUESTIONS.map((name) => [name, { type: "boolean" as const, short: name.charAt(0) }]),
  ]);
  // Not strict, for the sake of messages of our own: one line that says how to mend it.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind !== "option") throw badFlag(`${JSON.stringify(args[token.index])} is no flag`);
    const { name, rawName, value, inlineValue } = token;
    if (given.has(name)) throw badFlag(`${rawName} is given twice`);
    if (QUESTIONS.includes(name)) {
      if (value !== undefined) throw badFlag(`${rawName} takes no value`);
    } else {
      if (!FLAGS.some((known) => known.name === name)) throw badFlag(`there is no flag ${rawName}`);
      if (!value) throw badFlag(`${rawName} needs a value`);
      if (!inlineValue && value.startsWith("--")) {
        throw badFlag(`${rawName} needs a value, but ${value} follows`);
      }
    }
    given.set(name, value ?? "");
  }
  return given;
}

function readId(text: string | undefined): NodeId {
  if (text === undefined) throw badFlag("--id is missing: give this node's number, such as --id 1");
  const id = parseId(text);
  if (id === null) throw badFlag(`--id ${text} is no positive integer`);
  return id;
}

function parseId(text: string): NodeId | null {
  const number = /^[1-9][0-9]*$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? nodeId(number) : null;
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

function readAddress(name: string, text: string): HostAndPort {
  const address = parseHostAndPort(text);
  if (address === null || address.port === null) {
    throw badFlag(`${name} ${text} is no host:port, such as 127.0.0.1:8080 or [::1]:8080`);
  }
  return address;
}

const WILDCARDS = ["0.0.0.0", "::"];

/** An address that others dial, in its one spelling. */
function readReachable(name: string, text: string): Address {
  const { host, port } = readAddress(name, text);
  if (WILDCARDS.includes(host)) throw badFlag(`${name} ${text}: others cannot connect to ${host}`);
  if (port === null || port === 0) throw badFlag(`${name} ${text} needs a port from 1 to 65535`);
  return formatAddress(host, port);
}

const readPeer = (text: string | undefined): HostAndPort | null =>
  text === undefined ? null : readAddress("--peer", text);

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
  const lines = FLAGS.map(({ name, environment, fallback, meaning }) => {
    const left = `  --${name.padEnd(20)}${environment.padEnd(28)}`;
    return `${left}${meaning} (${fallback})`;
  });
  return [
    "Runs one node of a Balsa cluster.",
    "",
    '  bun src/main.ts --id 1 --cluster "1=127.0.0.1:9081,2=127.0.0.1:9082,3=127.0.0.1:9083" \\',
    "                  --api 127.0.0.1:8081 --data data/1",
    "",
    "Each flag, the variable that stands in for it, its meaning and its default:",
    "",
    ...lines,
    `  --${"help, -h".padEnd(48)}shows this`,
    `  --${"version, -v".padEnd(48)}shows the version`,
    "",
    "Durations are written 150ms, 5s, 2m.",
  ].join("\n");
}

const badFlag = (what: string): StartupError =>
  new StartupError("bad_flag", `${what}; --help lists the flags`);
