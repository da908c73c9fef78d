/**
 * The way out when a majority is lost for good: one surviving node becomes the only voter of its
 * cluster. Raft has no such rule and can have none: what the others acknowledged goes with them.
 */
import { AssertionError, assert } from "./assert";
import { encodeEntry } from "./codec/entries";
import { type FatalError, StartupError } from "./errors";
import { REMOVED_MAX } from "./machines/raft/rules/change-members";
import type { RecoverCommand } from "./recover-flags";
import { readIdentity } from "./store/identity";
import { type OpenedStore, openStore } from "./store/open-store";
import type { FileSystem, Identity, Recovered } from "./store/ports";
import {
  type Address,
  type Configuration,
  indexPlus,
  type LogIndex,
  membersOf,
  type NodeId,
  type Term,
  term,
} from "./types";

/** What is to be done to a stopped node. */
export interface Recovery {
  readonly configuration: Configuration;
  readonly index: LogIndex;
  readonly term: Term;
  /** What speaks against it, in words for people; empty where nothing does. */
  readonly doubts: readonly string[];
  /** What would be done, and what that may cost; a line each. */
  readonly story: readonly string[];
}

export interface RecoverySurroundings {
  /** Units: ms since the epoch. */
  readonly wallMs: number;
  /** One line for the person who asked. */
  tell(line: string): void;
  /** Called at most once: nothing goes on then. */
  onFatal(error: FatalError): void;
}

/**
 * Tells what recovery would do to a node's directory, and does it if that is confirmed and nothing
 * speaks against it, or it is forced; true when it was done. **Errors**: as of `openStore`.
 */
export async function recover(
  directory: FileSystem,
  command: RecoverCommand,
  { onFatal, tell, wallMs }: RecoverySurroundings,
): Promise<boolean> {
  const { isConfirmed, isForced, peerAddress } = command;
  const opened = openStore(directory, {
    nodeId: command.nodeId ?? readIdentity(directory).nodeId,
    clusterId: null,
    founders: null,
    drawDiskId: () => {
      throw new AssertionError("a node that survived has its disk id");
    },
    onDurable: () => {},
    onFatal,
  });
  const close = (done: () => void) => opened.store.close(done);
  const recovery = planRecovery(opened, peerAddress);
  const { doubts, story } = recovery;
  for (const line of story) tell(line);
  for (const doubt of doubts) tell(`warning: ${doubt}`);
  if (!isConfirmed || (doubts.length > 0 && !isForced)) {
    await new Promise<void>(close);
    tell(`nothing was changed; with ${doubts.length > 0 ? "--yes --force" : "--yes"} it is done`);
    return false;
  }
  await new Promise<void>((done) => carryOut(recovery, opened, { wallMs, done }));
  tell("done: start the node as usual, then add new ones");
  return true;
}

/**
 * A configuration with the survivor as its only voter, at the end of the survivor's log and in a
 * term of its own. `moved` is where it is to be found from now on; null where it was.
 * **Errors**: `StartupError` `bad_flag` where nobody knows its address.
 */
export function planRecovery(
  { identity, recovered }: Pick<OpenedStore, "identity" | "recovered">,
  moved: Address | null,
): Recovery {
  const { diskId, nodeId: id } = identity;
  const before = configurationIn(identity, recovered);
  const own = membersOf(before).find((member) => member.id === id);
  const peerAddress = moved ?? own?.peerAddress ?? identity.configured ?? identity.listen;
  if (peerAddress === null) {
    const what = `nobody wrote down where node ${id} is to be found: give its --peer host:port`;
    throw new StartupError("bad_flag", what);
  }
  const lost = membersOf(before).filter((member) => member.id !== id);
  const tombstones = lost.map((member) => ({ id: member.id, diskId: member.diskId }));
  const earlier = before.removed.filter((member) => member.id !== id);
  const last = lastEntryOf(recovered);
  const recovery = {
    configuration: {
      voters: [{ id, peerAddress, diskId }],
      learners: [],
      removed: [...earlier, ...tombstones].slice(-REMOVED_MAX),
    },
    index: indexPlus(last.index, 1),
    term: term(recovered.hardState.term + 1),
  };
  const ids = lost.map((member) => member.id);
  return {
    ...recovery,
    doubts: doubtsAbout(recovered, id, before),
    story: tell(recovery, { identity, recovered, lost: ids }),
  };
}

/**
 * Does it, durably, and closes the store: `done` is called then. A crash on the way leaves the node
 * as it was, or in a higher term without a vote.
 */
export function carryOut(
  recovery: Recovery,
  { recovered, store }: Pick<OpenedStore, "recovered" | "store">,
  end: { readonly wallMs: number; readonly done: () => void },
): void {
  const { configuration, index, term } = recovery;
  // Along the log, time never goes back.
  const timeMs = Math.max(end.wallMs, lastTimeMs(recovered, store));
  const entry = encodeEntry({ kind: "configuration", configuration }, { index, term, timeMs });
  // The term first: a log never holds an entry of a term that is still to come.
  store.persistHardState({ term, votedFor: null }, () => {
    store.append([entry], { generation: 0, commitIndex: recovered.commitIndex });
    // Nobody is left who could bring back what this node has forgotten.
    store.clearForgotten();
    store.close(end.done);
  });
}

/** The latest in the log, committed or not (Raft §6). */
function configurationIn({ founders }: Identity, { entries, snapshot }: Recovered): Configuration {
  const latest = entries.findLast(({ configuration }) => configuration !== null)?.configuration;
  return latest ?? snapshot?.configuration.configuration ?? founders;
}

const lastEntryOf = ({ base, entries }: Recovered) => entries.at(-1) ?? base;

function lastTimeMs({ entries, snapshot }: Recovered, store: OpenedStore["store"]): number {
  const last = entries.at(-1);
  if (last === undefined) return snapshot?.timeMs ?? 0;
  const [entry] = store.read(last.index, last.index, Number.POSITIVE_INFINITY);
  assert(entry !== undefined, "the last entry can be read");
  return entry.timeMs;
}

function doubtsAbout(recovered: Recovered, id: NodeId, before: Configuration): readonly string[] {
  const doubts: string[] = [];
  if (recovered.forgottenUpTo !== null) {
    const { index } = lastEntryOf(recovered);
    doubts.push(
      `its log ends with entry ${index}, yet it has acknowledged entries up to ` +
        `${recovered.forgottenUpTo}, which are lost here: another survivor may hold them`,
    );
  }
  if (before.removed.some((member) => member.id === id)) {
    doubts.push(`its own log says that node ${id} was removed: another survivor may know more`);
  } else if (!membersOf(before).some((member) => member.id === id)) {
    doubts.push(`its own log does not know node ${id}: it holds little or nothing of the cluster`);
  }
  return doubts;
}

/** What people must know before they do it. */
function tell(
  { configuration, index, term }: Pick<Recovery, "configuration" | "index" | "term">,
  about: {
    readonly identity: Identity;
    readonly recovered: Recovered;
    readonly lost: readonly NodeId[];
  },
): readonly string[] {
  const { identity, lost, recovered } = about;
  const last = lastEntryOf(recovered);
  const committed = Math.max(recovered.commitIndex, recovered.snapshot?.info.lastIndex ?? 0);
  const lostIds = lost.length === 0 ? "nobody" : nodes(lost);
  const [voter] = configuration.voters;
  return [
    `node ${identity.nodeId} of cluster ${identity.clusterId}: its log ends with entry ` +
      `${last.index} of term ${last.term}, known to be committed up to entry ${committed}`,
    `entry ${index} of term ${term} makes node ${identity.nodeId} at ${voter?.peerAddress} the ` +
      `only voter, and removes ${lostIds} for good`,
    ...(committed < last.index
      ? [
          `warning: what was written from entry ${committed + 1} on may never have been ` +
            "acknowledged, and becomes permanent",
        ]
      : []),
    ...(lost.length > 0
      ? [
          `warning: writes that ${lostIds} acknowledged and this node never got are lost`,
          `warning: never start ${lostIds} again with the old data: this cluster refuses them as ` +
            "removed, and among themselves they might go on as a second one",
          "warning: nor any that was added while this node was away: its log does not know them",
        ]
      : []),
  ];
}

const nodes = (ids: readonly NodeId[]): string =>
  ids.length === 1 ? `node ${ids[0]}` : `nodes ${ids.slice(0, -1).join(", ")} and ${ids.at(-1)}`;
