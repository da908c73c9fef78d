/** A leader's office and its own appends (Raft §5.3, §8). */
import { assert } from "../../../assert";
import type { EntryDraft } from "../../../types";
import { indexPlus } from "../../../types";
import { appendRun } from "../../log-shape";
import { configurationOf, peersOf } from "../context";
import type { Consequence } from "../rule";
import type { ConfigurationEntry, RaftContext, RaftEvent } from "../vocabulary";
import { bindMetDisks, hasBindings } from "./membership";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/** What a record adds to its command, roughly. Only windows are measured with it. */
const RECORD_OVERHEAD_BYTES = 32;
/** A configuration's size, roughly. */
const CONFIGURATION_BYTES = 256;

/**
 * "When a leader first comes to power, it initializes all nextIndex values to the index just after
 * the last one in its log" (§5.3); the replicators do so from the log they are given.
 */
export function takeOffice(context: RaftContext): Consequence {
  const firstIndex = indexPlus(context.log.lastIndex, 1);
  return {
    context: {
      leaderId: context.id,
      election: null,
      leadership: {
        firstIndex,
        replicators: peersOf(context),
        matchIndex: new Map(),
        round: 0,
        answeredRound: new Map(),
        quorumRound: 0,
        waitingReads: [],
        heard: new Set(),
        transferTo: null,
      },
    },
    effects: [{ type: "takeOffice", term: context.currentTerm, firstIndex }],
  };
}

/** Callers that wait must not wait for an office that is gone: reads are declined at once. */
export function leaveOffice(context: RaftContext): Consequence {
  const waiting = context.leadership?.waitingReads ?? [];
  return {
    context: { leadership: null, leaderId: null },
    effects: [
      ...waiting.map(({ read }) => ({ type: "declineRead" as const, read })),
      { type: "leaveOffice" },
    ],
  };
}

/**
 * "…having each leader commit a blank no-op entry into the log at the start of its term" (§8). In
 * a cluster without any bindings it binds the founders met so far instead of staying blank.
 */
export function appendFirstEntry(context: RaftContext): Consequence {
  const bound = hasBindings(configurationOf(context)) ? null : bindMetDisks(context);
  const draft: EntryDraft =
    bound === null ? { kind: "noop" } : { kind: "configuration", configuration: bound };
  return appendDrafts(context, [draft]);
}

export const appendProposals = (context: RaftContext, event: On<"client.proposed">): Consequence =>
  appendDrafts(
    context,
    event.commands.map((command) => ({ kind: "command", command })),
  );

/** "The leader appends the command to its log as a new entry, then issues AppendEntries" (§5.3). */
export function appendDrafts(context: RaftContext, drafts: readonly EntryDraft[]): Consequence {
  const { leadership, currentTerm } = context;
  assert(leadership !== null, "only a leader appends entries of its own");
  const firstIndex = indexPlus(context.log.lastIndex, 1);
  const log = appendRun(context.log, { term: currentTerm, byteLengths: drafts.map(sizeOf) });
  const configurations = drafts.flatMap((draft, offset) =>
    draft.kind === "configuration"
      ? [{ index: indexPlus(firstIndex, offset), configuration: draft.configuration }]
      : [],
  );
  const { generation } = context;
  return {
    context: {
      log,
      ...(configurations.length > 0 && {
        configurations: [...context.configurations, ...configurations],
      }),
    },
    effects: [{ type: "appendDrafts", term: currentTerm, firstIndex, drafts, generation }],
    notices: leadership.replicators.map((to) => ({ to, event: { type: "log.grew", log } })),
  };
}

function sizeOf(draft: EntryDraft): number {
  if (draft.kind === "configuration") return CONFIGURATION_BYTES;
  return RECORD_OVERHEAD_BYTES + (draft.kind === "command" ? draft.command.length : 0);
}

/** Nothing was appended: the host may offer these to whoever leads. */
export const declineProposals = (_: RaftContext, event: On<"client.proposed">): Consequence => ({
  effects: [{ type: "declineProposals", commands: event.commands }],
});

/** Those of `configurations` that lie before `index`; the same array where nothing changes. */
export const configurationsBefore = (
  configurations: readonly ConfigurationEntry[],
  index: number,
): readonly ConfigurationEntry[] =>
  configurations.every((entry) => entry.index < index)
    ? configurations
    : configurations.filter((entry) => entry.index < index);
