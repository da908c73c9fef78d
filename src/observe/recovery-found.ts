/** What a start has found on the disk, as it is told. */
import type { Identity, Recovered } from "../store/ports";
import type { Start } from "./words/recovery";

export function startOf({ incarnation }: Identity, recovered: Recovered): Start {
  const { base, entries, forgottenUpTo, hardState, snapshot } = recovered;
  return {
    incarnation,
    term: hardState.term,
    snapshotIndex: snapshot?.info.lastIndex ?? 0,
    lastLogIndex: entries.at(-1)?.index ?? base.index,
    entries: entries.length,
    forgottenUpTo,
  };
}
