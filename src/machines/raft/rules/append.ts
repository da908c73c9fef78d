/** A leader's own appends (Raft §5.3). */
import { assert } from "../../../assert";
import type { EntryDraft } from "../../../types";
import { indexPlus } from "../../../types";
import { appendRun } from "../../log-shape";
import type { Consequence } from "../rule";
import type { ConfigurationEntry, RaftContext, RaftEvent } from "../vocabulary";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/** What a record adds to its command, roughly. Only windows are measured with it. */
const RECORD_OVERHEAD_BYTES = 32;
/** A configuration's size, roughly. */
const CONFIGURATION_BYTES = 256;

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
    // "The new configuration takes effect on each server as soon as it is added to that server's
    // log" (Thesis §4.1): the leader's replicators follow it.
    ...(configurations.length > 0 && { events: [{ type: "configuration.appended" } as const] }),
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
