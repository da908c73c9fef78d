/** How old an answer may be, as its header says. */
import type { Staleness } from "./answers";

/** null for an answer that is not stale. */
export function stalenessOf({ headers }: Response): Staleness {
  const said = headers.get("x-balsa-staleness-ms");
  if (said === null) return null;
  const ageMs = Number(said);
  return Number.isFinite(ageMs) ? ageMs : "unknown";
}
