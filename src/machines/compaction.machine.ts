/**
 * When a node takes a snapshot of its state and cuts the log behind it (Raft §7): "servers must
 * decide when to snapshot. If a server snapshots too often, it wastes disk bandwidth and energy; if
 * it snapshots too infrequently, it risks exhausting its storage capacity". Each node decides for
 * itself, whatever its role.
 *
 * idle → snapshotting → publishing → truncating → idle. The state is cut at one moment and written
 * in slices, between which the node serves on; `resting` where the disk had no room.
 */
import { assign, emit, setup } from "xstate";
import { assert } from "../assert";
import { type LogIndex, logIndex } from "../types";
import {
  dueBytes,
  dueIndexAfter,
  entriesBetween,
  type Phase,
  type TakenSnapshot,
  writingBytes,
} from "./compaction-due";
import type { CompactionEffect, CompactionEvent } from "./compaction-vocabulary";
import { ignoring } from "./ignoring";

export interface CompactionInput {
  /** Applied entries between two snapshots, but of a large state: `entriesBetween`. */
  readonly snapshotEntries: number;
  /** Bytes of log between two snapshots, and more behind a large one: `dueBytes`. */
  readonly snapshotBytesMin: number;
  readonly intervalMs: number;
  readonly phase: Phase;
  readonly lastSnapshot: TakenSnapshot | null;
  /** Bytes of the recovered log behind it. */
  readonly recoveredLogBytes: number;
}

/** A full disk is left alone for at least so long. */
export const NO_ROOM_DELAY_MS_MIN = 10_000;
/** What was never committed is never applied, and waited for no longer than this. */
export const ALIGN_DELAY_MS = 2_000;
/** No timer waits longer. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export interface CompactionContext {
  readonly settings: Omit<CompactionInput, "lastSnapshot" | "recoveredLogBytes">;
  /** The newest snapshot here; index 0 for none. Invariant: `last.index <= appliedIndex`. */
  readonly last: TakenSnapshot;
  readonly appliedIndex: LogIndex;
  /** Bytes appended to the log since the start, as last told. */
  readonly logBytes: number;
  /** The same when the last snapshot, or the one being written, began; or before the start. */
  readonly logBytesAtLast: number;
  readonly logBytesAtThis: number;
  /** Where the log ended, as last told; applied or not. */
  readonly logIndex: LogIndex;
  /** Where it ended when the segment began that this snapshot lets the log be cut to. */
  readonly rolledIndex: LogIndex;
  readonly waitMs: number;
}

const hasNews = ({ appliedIndex, last }: CompactionContext): boolean => appliedIndex > last.index;

function isDue(context: CompactionContext): boolean {
  const { appliedIndex, last, logBytes, logBytesAtLast, settings } = context;
  const { phase, snapshotEntries } = settings;
  if (!hasNews(context)) return false;
  const spacing = entriesBetween(snapshotEntries, last.parts);
  if (appliedIndex >= dueIndexAfter(last.index, spacing, phase)) return true;
  return logBytes - logBytesAtLast >= bytesBetween(context);
}

const bytesBetween = ({ last, settings }: Pick<CompactionContext, "last" | "settings">): number =>
  dueBytes(settings.snapshotBytesMin, last);

/**
 * As if `phase` had begun that part of a spacing ago: whatever is measured from each node's own
 * last snapshot stays apart by as much. From then on all nodes wait equally long.
 */
function initialContext({ input }: { input: CompactionInput }): CompactionContext {
  const { lastSnapshot, recoveredLogBytes, ...settings } = input;
  const { of, rank } = settings.phase;
  assert(rank >= 0 && rank < of, "a node has its place among its cluster's nodes");
  const last = lastSnapshot ?? { index: logIndex(0), bytes: 0, parts: 0, stateBytes: 0 };
  const part = rank / of;
  return {
    settings,
    last,
    appliedIndex: last.index,
    logBytes: 0,
    logBytesAtLast: -Math.max(
      recoveredLogBytes,
      Math.floor(part * bytesBetween({ last, settings })),
    ),
    logBytesAtThis: 0,
    logIndex: last.index,
    rolledIndex: last.index,
    waitMs: Math.ceil(settings.intervalMs * (1 - part / 2)),
  };
}

const compactionSetup = setup({
  types: {
    context: {} as CompactionContext,
    events: {} as CompactionEvent,
    emitted: {} as CompactionEffect,
    input: {} as CompactionInput,
  },
  delays: {
    alignDelay: ALIGN_DELAY_MS,
    interval: ({ context }) => Math.min(context.waitMs, DELAY_MS_MAX),
    roomDelay: ({ context }) =>
      Math.min(Math.max(context.settings.intervalMs, NO_ROOM_DELAY_MS_MIN), DELAY_MS_MAX),
  },
  guards: {
    isDue: ({ context }) => isDue(context),
    hasNews: ({ context }) => hasNews(context),
    isAligned: ({ context }) => context.appliedIndex >= context.rolledIndex,
  },
  actions: {
    noteApplied: assign(({ context, event }) => {
      if (event.type !== "applied") return {};
      const { appliedIndex, logBytes } = event;
      return {
        logIndex: event.logIndex,
        appliedIndex: logIndex(Math.max(context.appliedIndex, appliedIndex)),
        logBytes: Math.max(context.logBytes, logBytes),
      };
    }),
    noteBegun: assign(({ context }) => ({
      logBytesAtThis: context.logBytes,
      rolledIndex: context.logIndex,
    })),
    waitWholeInterval: assign(({ context }) => ({ waitMs: context.settings.intervalMs })),
    notePublished: assign(({ context, event }) =>
      event.type === "snapshot.published"
        ? { last: event.snapshot, logBytesAtLast: context.logBytesAtThis }
        : {},
    ),
    /** All that was logged before stands in it. */
    noteInstalled: assign(({ context, event }) =>
      event.type === "snapshot.installed"
        ? {
            last: event.snapshot,
            appliedIndex: logIndex(Math.max(context.appliedIndex, event.snapshot.index)),
            logBytesAtLast: context.logBytes,
          }
        : {},
    ),
    rollLog: emit({ type: "rollLog" }),
    beginSnapshot: emit(({ context }) => ({
      type: "beginSnapshot",
      logBytesMax: context.logBytesAtThis + writingBytes(bytesBetween(context)),
      last: context.last,
    })),
    writeSnapshot: emit({ type: "writeSnapshot" }),
    syncSnapshot: emit({ type: "syncSnapshot" }),
    publishSnapshot: emit({ type: "publishSnapshot" }),
    abandonSnapshot: emit({ type: "abandonSnapshot" }),
    answerPublished: emit({ type: "finished", outcome: "published" }),
    answerNothingNew: emit({ type: "finished", outcome: "nothingNew" }),
    answerAbandoned: emit({ type: "finished", outcome: "abandoned" }),
    answerNoRoom: emit({ type: "finished", outcome: "noRoom" }),
  },
});

/** A client is answered at once where there is nothing to do, and else by the snapshot's end. */
const onRequest = [
  { guard: "hasNews", target: "snapshotting" },
  { actions: "answerNothingNew" },
] as const;

/** Our own is not worth its ending: a newer state is here, or there is no room for it. */
const whileWriting = {
  "snapshot.installed": {
    target: "idle",
    actions: ["abandonSnapshot", "noteInstalled", "answerAbandoned"],
  },
  "room.lacking": { target: "resting", actions: ["abandonSnapshot", "answerNoRoom"] },
  applied: { actions: "noteApplied" },
  ...ignoring("snapshot.requested", "log.cut"),
} as const;

const atRest = ignoring(
  "snapshot.written",
  "snapshot.synced",
  "snapshot.published",
  "log.cut",
  "room.lacking",
);

export const compactionMachine = compactionSetup.createMachine({
  id: "compaction",
  context: initialContext,
  initial: "idle",
  states: {
    idle: {
      always: { guard: "isDue", target: "snapshotting" },
      after: {
        interval: [
          { guard: "hasNews", target: "snapshotting" },
          { target: "idle", reenter: true, actions: "waitWholeInterval" },
        ],
      },
      on: {
        applied: { actions: "noteApplied" },
        "snapshot.requested": onRequest,
        "snapshot.installed": { actions: "noteInstalled" },
        ...atRest,
      },
    },
    snapshotting: {
      entry: ["noteBegun", "waitWholeInterval", "rollLog"],
      initial: "aligning",
      on: {
        ...whileWriting,
        ...ignoring("snapshot.synced", "snapshot.published"),
      },
      states: {
        /**
         * The log runs ahead of what is applied. The segment that has just begun is to hold nothing
         * that the snapshot stands for, or each cut would leave a whole segment too much.
         */
        aligning: {
          always: { guard: "isAligned", target: "writing" },
          after: { alignDelay: "writing" },
          on: ignoring("snapshot.written"),
        },
        writing: {
          entry: ["beginSnapshot", "writeSnapshot"],
          on: {
            "snapshot.written": "#compaction.publishing",
          },
        },
      },
    },
    publishing: {
      initial: "syncing",
      on: {
        ...whileWriting,
        ...ignoring("snapshot.written"),
      },
      states: {
        /** The log too: a snapshot of what it has lost in a crash would not connect to it. */
        syncing: {
          entry: "syncSnapshot",
          on: {
            "snapshot.synced": "naming",
            ...ignoring("snapshot.published"),
          },
        },
        naming: {
          entry: "publishSnapshot",
          on: {
            "snapshot.published": { target: "#compaction.truncating", actions: "notePublished" },
            ...ignoring("snapshot.synced"),
          },
        },
      },
    },
    truncating: {
      on: {
        "log.cut": { target: "idle", actions: "answerPublished" },
        "snapshot.installed": { target: "idle", actions: ["noteInstalled", "answerPublished"] },
        applied: { actions: "noteApplied" },
        ...ignoring("snapshot.requested", "snapshot.written", "snapshot.synced"),
        ...ignoring("snapshot.published", "room.lacking"),
      },
    },
    /** The disk was full. Only a client may make it try sooner. */
    resting: {
      after: {
        roomDelay: [{ guard: "hasNews", target: "snapshotting" }, { target: "idle" }],
      },
      on: {
        applied: { actions: "noteApplied" },
        "snapshot.requested": onRequest,
        "snapshot.installed": { target: "idle", actions: "noteInstalled" },
        ...atRest,
      },
    },
  },
});
