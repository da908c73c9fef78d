/** Taking and leaving a leader's office, and the entry it begins with (Raft §5.3, §8). */
import { assert } from "../../../assert";
import type { EntryDraft } from "../../../types";
import { indexPlus } from "../../../types";
import {
  configurationOf,
  hasBindings,
  isConfigurationPending,
  peersOf,
  takesPart,
} from "../context";
import { all, type Consequence } from "../rule";
import type { RaftContext } from "../vocabulary";
import { appendDrafts } from "./append";
import { bindFounders } from "./membership";
import { abandonReceiving } from "./receiving";

/**
 * "When a leader first comes to power, it initializes all nextIndex values to the index just after
 * the last one in its log" (§5.3); the replicators do so from the log they are given.
 */
export function takeOffice(context: RaftContext): Consequence {
  assert(takesPart(context), "whom nobody counts cannot count itself");
  const firstIndex = indexPlus(context.log.lastIndex, 1);
  // Whoever is elected holds all that is committed: it needs nobody's snapshot.
  return all(abandonReceiving(context), {
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
        heardBefore: new Set(),
        transferTo: null,
        lastHandOver: null,
        sending: new Map(),
        ownDisk: null,
        catchUp: new Map(),
      },
    },
    effects: [{ type: "takeOffice", term: context.currentTerm, firstIndex }],
  });
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
 * a cluster without any bindings it binds the founders met so far instead of staying blank; but
 * behind another's change that is not committed yet it stays so: one at a time.
 */
export function appendFirstEntry(context: RaftContext): Consequence {
  const isYoung = !hasBindings(configurationOf(context)) && !isConfigurationPending(context);
  const bound = isYoung ? bindFounders(context) : null;
  const draft: EntryDraft =
    bound === null ? { kind: "noop" } : { kind: "configuration", configuration: bound };
  return appendDrafts(context, [draft]);
}
