/** Gives the questions and deeds of the compaction chart the names by which it speaks of them. */
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
import { enqueueOutcome, type Outcome, onlyOn } from "./rule";

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
export function initialContext({ input }: { input: CompactionInput }): CompactionContext {
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

const base = setup({
  types: {
    context: {} as CompactionContext,
    events: {} as CompactionEvent,
    emitted: {} as CompactionEffect,
    input: {} as CompactionInput,
  },
});

type Noted = Outcome<CompactionContext, never, never>;

const rule = onlyOn<CompactionContext, CompactionEvent, "applied", Noted>(
  ["applied"],
  (context, event) => ({
    context: {
      logIndex: event.logIndex,
      appliedIndex: logIndex(Math.max(context.appliedIndex, event.appliedIndex)),
      logBytes: Math.max(context.logBytes, event.logBytes),
    },
  }),
);

/** Heard after each batch, and mostly nothing else comes of it: a rule, for steps in place. */
const noteApplied = Object.assign(
  base.enqueueActions(({ context, event, enqueue }) =>
    enqueueOutcome<CompactionContext, never, never>(rule(context, event), enqueue),
  ),
  { rule },
);

export const compactionSetup = base.extend({
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
    noteApplied,
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
