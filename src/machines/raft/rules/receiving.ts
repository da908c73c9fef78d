/** A snapshot that comes in: what becomes of it when it is not needed any more. */
import type { LogIndex } from "../../../types";
import { type Consequence, nothing } from "../rule";
import type { RaftContext } from "../vocabulary";

/** Forgets what came in of a snapshot, if one was coming in. */
export function abandonReceiving({ receiving }: RaftContext): Consequence {
  if (receiving === null) return nothing;
  return {
    context: { receiving: null },
    effects: [{ type: "abandonSnapshot", snapshot: receiving.snapshot }],
  };
}

/** The same where the log has come as far by itself. */
export function abandonOvertaken(context: RaftContext, commitIndex: LogIndex): Consequence {
  const { receiving } = context;
  if (receiving === null || receiving.snapshot.lastIndex > commitIndex) return nothing;
  return abandonReceiving(context);
}
