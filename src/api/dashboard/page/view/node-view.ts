/** A node as the page shows it: by its own word where that is fresh, else by what others tell. */
import type { Live, StatusNode } from "../answers";
import { type Role, roleOf } from "./roles";

/**
 * `live`: its own stream is fresh; `told`: only others tell of it, and they hear it; `lost`: its
 * own stream has ended or gone silent, or was never had and nobody hears it.
 */
export type Presence = "live" | "told" | "lost";

export interface LogMarks {
  readonly snapshotIndex: number;
  readonly appliedIndex: number;
  readonly commitIndex: number;
  readonly lastIndex: number;
}

export interface NodeView {
  readonly id: number;
  readonly address: string | null;
  readonly presence: Presence;
  readonly role: Role;
  /** Dotted path of its Raft chart; null where only its role is known. */
  readonly state: string | null;
  readonly term: number | null;
  readonly voter: boolean;
  /** Whether the node that the page asks hears it. */
  readonly isHealthy: boolean;
  /** Of the last that was known of it. */
  readonly log: LogMarks | null;
}

/** What the page itself has from a node. */
export interface OwnWord {
  readonly live: Live | null;
  /** Its stream has said something lately. */
  readonly isFresh: boolean;
  /** It has been heard since the page was opened. */
  readonly wasHeard: boolean;
}

/** What is shown of a node. */
export function nodeView(told: StatusNode, own: OwnWord): NodeView {
  const presence = presenceOf(told, own);
  const live = own.live;
  const isOwn = live !== null && presence !== "told";
  return {
    id: told.id,
    address: told.address,
    presence,
    role: isOwn ? roleOf(live.state) : roleTold(told),
    state: isOwn ? live.state : null,
    term: isOwn ? live.term : told.term,
    voter: told.voter,
    isHealthy: told.healthy,
    log: isOwn ? marksOf(live) : marksTold(told),
  };
}

function presenceOf(told: StatusNode, { isFresh, wasHeard }: OwnWord): Presence {
  if (isFresh) return "live";
  return told.healthy && !wasHeard ? "told" : "lost";
}

const roleTold = ({ role }: StatusNode): Role =>
  role === null ? "unknown" : roleOf(role.toLowerCase());

const marksOf = ({ log }: Live): LogMarks => ({
  snapshotIndex: log.snapshot_index ?? 0,
  appliedIndex: log.applied_index,
  commitIndex: log.commit_index,
  lastIndex: log.last_index,
});

function marksTold(told: StatusNode): LogMarks | null {
  const { applied_index: applied, commit_index: commit, last_log_index: last } = told;
  if (applied === null || commit === null || last === null) return null;
  return {
    snapshotIndex: told.snapshot_index ?? 0,
    appliedIndex: applied,
    commitIndex: commit,
    lastIndex: last,
  };
}

/** Who leads: the leader of the highest term among those that say so themselves and are heard. */
export function leaderOf(nodes: readonly NodeView[]): NodeView | null {
  const leaders = nodes.filter(({ role, presence }) => role === "leader" && presence !== "lost");
  return leaders.toSorted((one, other) => (other.term ?? 0) - (one.term ?? 0))[0] ?? null;
}
