#!/usr/bin/env bun
/** The composition root: config, store, links, node, API, in this order; and the way out. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../package.json";
import { bunClock } from "./actors/bun/clock";
import { backupFile, DataDirectory } from "./actors/bun/files";
import { bunTcp } from "./actors/bun/tcp";
import { defaultLimits } from "./actors/limits";
import { PeerLinks } from "./actors/links/peer-links";
import type { LogFacts, Logger } from "./actors/logger";
import type { MachineWatch } from "./actors/machine-watch";
import { NodeActor } from "./actors/node.actor";
import { formatAddress } from "./api/addresses";
import { createApi } from "./api/app";
import { type ApiServer, listenApi } from "./api/listen";
import { assert } from "./assert";
import { type Config, readInvocation } from "./config";
import { StartupError } from "./errors";
import { keepFreedMemory } from "./freed-memory";
import { askForEntrance, askMembers, type Entrance } from "./join";
import { EXIT_STARTUP, exitWith } from "./last-words";
import { logLines } from "./observe/log-lines";
import { Observatory } from "./observe/observatory";
import { announcedAddress, firstPeerPort, listenAddress } from "./peer-port";
import { recover } from "./recover";
import type { RecoverCommand } from "./recover-flags";
import { IDENTITY_FILE, noteMove } from "./store/identity";
import { openStore } from "./store/open-store";
import { PatientLog } from "./store/patient-log";
import type { Identity, Recovered } from "./store/ports";
import { type Address, type ClusterId, clusterId, diskId, foundedBy, type Member } from "./types";

/** SIGTERM to exit; what is not done by then is cut. Units: ms. */
const STOP_TIMEOUT_MS = 4500;
/** How long clients are told to go elsewhere before the door closes. Units: ms. */
const FAREWELL_MS = 500;
/** How long requests under way may finish when the node stops. Units: ms. */
const DRAIN_MS = 1500;
const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * SHA-256 of the token, the sorted founders and the checksum of the backup they start from, if any,
 * cut to 128 bits.
 */
function clusterIdOf(
  token: string,
  founders: readonly Member[],
  ...backup: readonly number[]
): ClusterId {
  const members = founders.map(({ id, peerAddress }) => `${id}=${peerAddress}`).sort();
  const text = JSON.stringify([token, members, ...backup]);
  return clusterId(createHash("sha256").update(text).digest("hex").slice(0, 32));
}

async function run(config: Config): Promise<void> {
  const logger = logLines({
    node: config.nodeId,
    level: config.logLevel,
    wallMs: bunClock.wallMs,
    write: (line) => process.stderr.write(line),
  });
  const apiAddress = config.advertiseApi ?? formatAddress(config.api.host, config.api.port ?? 0);
  const removal = Promise.withResolvers<string>();
  const directory = new DataDirectory(config.dataDirectory);
  const { node, observatory } = createNode(config, {
    directory,
    logger,
    apiAddress,
    beginning: await beginningOf(config, directory, logger),
    onRemoved: removal.resolve,
  });
  await node.start();
  observatory.start();
  const api = createApi(node.handle, {
    apiAddresses: [apiAddress],
    onInternalError: (error) => logger("error", "a request failed", { error: String(error) }),
    nowMs: bunClock.nowMs,
    observatory,
  });
  const server = listenApi(api, config.api);
  logger("info", "serving", { api: server.address });
  const stop = stopOnSignals({ node, observatory, server, logger });
  stop(await removal.promise);
}

/** What a first start must be told; null where it is not, and for a later start. */
async function beginningOf(
  config: Config,
  directory: DataDirectory,
  logger: Logger,
): Promise<Entrance | null> {
  const { clusterToken, founders, join: addresses, nodeId } = config;
  if (founders !== null) {
    const own = founders.find(({ id }) => id === nodeId);
    assert(own !== undefined, "a founder is among the founders");
    const id = clusterIdOf(clusterToken, founders);
    return { clusterId: id, founders: foundedBy(founders), peerAddress: own.peerAddress };
  }
  if (addresses === null || directory.exists(IDENTITY_FILE)) return null;
  // Nothing is in flight yet.
  const leave = () => process.exit(0);
  for (const signal of STOP_SIGNALS) process.on(signal, leave);
  const pause = (delayMs: number) => Bun.sleep(delayMs);
  const asked = { nodeId, addresses, logger, ask: askMembers, pause };
  const entrance = await askForEntrance(asked);
  for (const signal of STOP_SIGNALS) process.off(signal, leave);
  return entrance;
}

interface NodeSurroundings {
  readonly directory: DataDirectory;
  readonly logger: Logger;
  readonly apiAddress: Address;
  readonly beginning: Entrance | null;
  readonly onRemoved: (line: string) => void;
}

interface WatchedNode {
  readonly node: NodeActor;
  readonly observatory: Observatory;
}

/** Opens the store and builds the node that lives in it. Errors: `StartupError`, `FatalError`. */
function createNode(config: Config, surroundings: NodeSurroundings): WatchedNode {
  const { apiAddress, beginning, directory, logger, onRemoved } = surroundings;
  const { clusterToken, founders, nodeId, restoreFile } = config;
  const opened = openStore(directory, {
    nodeId,
    clusterId: beginning?.clusterId ?? null,
    founders: beginning?.founders ?? null,
    ...(beginning && { peerPort: firstPeerPort(config, beginning.peerAddress) }),
    restoredClusterId: (backup) => clusterIdOf(clusterToken, founders ?? [], backup),
    restoreFrom: restoreFile === null ? null : backupFile(restoreFile),
    drawDiskId: () => diskId(randomBytes(16).toString("hex")),
    onDurable: (lastIndex, generation) => node.onLogDurable(lastIndex, generation),
    onSyncing: () => node.onLogSyncing(),
    onFatal: exitWith,
  });
  const { identity, projection, recovered, snapshots, store } = opened;
  tellStart(logger, identity, recovered);
  const listen = listenAddress(config, identity);
  const isElsewhere = identity.listen !== null && identity.listen !== listen;
  if (isElsewhere) noteMove(directory, identity, listen);
  const observatory = new Observatory({
    identity,
    recovered,
    files: directory,
    clock: bunClock,
    logger,
    look: () => node.situation(),
  });
  const { watch } = observatory;
  const node = new NodeActor({
    identity,
    recovered,
    log: new PatientLog(store),
    projection,
    snapshots,
    compaction: config,
    transport: observatory.over(createLinks(listen, identity, watch)),
    watch,
    clock: bunClock,
    logger,
    timing: {
      electionTimeoutMs: config.electionTimeoutMs,
      heartbeatIntervalMs: config.heartbeatIntervalMs,
    },
    limits: defaultLimits,
    apiAddress,
    peerAddress: announcedAddress(listen, identity),
    onFailure: (error) => {
      observatory.end("failed", error.message);
      exitWith(error);
    },
    onRemoved,
  });
  return { node, observatory };
}

/** The node says whom to dial. */
const createLinks = (
  listen: Address,
  { diskId, incarnation }: Identity,
  watch: MachineWatch,
): PeerLinks =>
  new PeerLinks({
    listen,
    network: bunTcp,
    clock: bunClock,
    seed: `${diskId}/${incarnation}`,
    // Before the loop looks at its sockets again, where as many requests may wait as have clients.
    scheduleFlush: queueMicrotask,
    watch,
  });

/** Opens a directory that is there already: opening another would make it. */
async function runRecovery(command: RecoverCommand): Promise<number> {
  const { dataDirectory } = command;
  if (!existsSync(join(dataDirectory, IDENTITY_FILE))) {
    const what = `${dataDirectory} holds no node: name the --data directory of one that survived`;
    throw new StartupError("data_unreadable", what);
  }
  const isDone = await recover(new DataDirectory(dataDirectory), command, {
    wallMs: bunClock.wallMs(),
    tell: (line) => process.stdout.write(`${line}\n`),
    onFatal: exitWith,
  });
  return isDone ? 0 : EXIT_STARTUP;
}

function tellStart(logger: Logger, identity: Identity, recovered: Recovered): void {
  const { commitIndex, damagedSnapshots, entries, forgottenUpTo, hardState, snapshot, trimmed } =
    recovered;
  for (const damage of damagedSnapshots) logger("warn", damage);
  if (trimmed !== null) logger("warn", trimmed);
  if (forgottenUpTo !== null) {
    const what = "the log ends before what was acknowledged: no vote until it has caught up";
    logger("warn", what, { upTo: forgottenUpTo });
  }
  logger("info", "starting", {
    cluster: identity.clusterId,
    start: identity.incarnation,
    term: hardState.term,
    snapshot: snapshot?.info.lastIndex ?? 0,
    entries: entries.length,
    committed: commitIndex,
  });
}

/**
 * Hands over, finishes what is in flight, flushes, exits 0; once, however often it is asked.
 * Returns the same for a node that was removed, told in a line for people.
 */
function stopOnSignals({
  logger,
  node,
  observatory,
  server,
}: WatchedNode & { readonly server: ApiServer; readonly logger: Logger }): (
  removal: string,
) => void {
  let isStopping = false;
  const stop = async (reason: LogFacts, takeLeave: () => Promise<void>) => {
    if (isStopping) return;
    isStopping = true;
    logger("info", "stopping", reason);
    setTimeout(() => process.exit(0), STOP_TIMEOUT_MS).unref();
    await takeLeave();
    observatory.end("stopped", "this node has stopped in good order");
    await server.stop(DRAIN_MS);
    await node.stop();
    logger("info", "stopped");
    process.exit(0);
  };
  const handOver = async () => {
    await node.handOver();
    await Bun.sleep(FAREWELL_MS);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, () => stop({ signal }, handOver));
  return (removal) => {
    process.stderr.write(`balsa: ${removal}\n`);
    // No leader hears it any more: whoever waits here had better ask another, at once.
    stop({}, () => node.stop());
  };
}

/** Does what `args`, without the program's name, ask for; answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // A broken assumption anywhere stops the node, in one line like every other end.
  process.on("uncaughtException", exitWith);
  process.on("unhandledRejection", exitWith);
  try {
    const invocation = readInvocation(args, process.env);
    if (invocation.kind === "recover") return await runRecovery(invocation.command);
    if (invocation.kind === "run") {
      keepFreedMemory();
      await run(invocation.config);
    } else if (invocation.kind === "help") process.stdout.write(invocation.text);
    else process.stdout.write(`${packageJson.version}\n`);
    return 0;
  } catch (error) {
    return exitWith(error);
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
