/** All that can be said of a node at one moment, for those who explain it. */
import { quorumHasRoom } from "../machines/raft/rules/room";
import type { RaftContext, RaftTiming } from "../machines/raft/vocabulary";
import type { LogIndex, NodeId, Revision, Role } from "../types";
import type { ClusterStatus } from "./node-handle";
import type { NodeParts, NodeSettings } from "./node-parts";
import { quorumAmong, type Reach } from "./peer-reach";

export interface Situation {
  readonly id: NodeId;
  readonly nowMs: number;
  readonly wallMs: number;
  /** Since the node started. **Units**: ms. */
  readonly uptimeMs: number;
  readonly role: Role;
  readonly leaderId: NodeId | null;
  readonly context: RaftContext;
  readonly timing: RaftTiming;
  readonly quorum: ClusterStatus["quorum"];
  readonly peers: readonly Reach[];
  readonly appliedIndex: LogIndex;
  /** Why it is not able to serve; null where it is. */
  readonly unreadiness: string | null;
  readonly isLeaving: boolean;
  readonly isStopping: boolean;
  /** Writes that nobody has told an end yet, and how many there may be. */
  readonly writes: { readonly underWay: number; readonly max: number };
  readonly readsUnderWay: number;
  readonly disk: {
    readonly hasRoom: boolean;
    readonly isFull: boolean;
    /** Whether a majority has room, as far as it has told us. */
    readonly quorumHasRoom: boolean;
    readonly lastIndex: LogIndex;
    readonly durableIndex: LogIndex;
    readonly bytesWritten: number;
    readonly syncs: number;
    /** What a data sync takes while the disk is slow; null while it is not. **Units**: ms. */
    readonly slowSyncMs: number | null;
  };
  readonly store: { readonly keys: number; readonly revision: Revision };
}

/** What the desk and the actor know besides the parts. */
interface Beside {
  readonly unreadiness: string | null;
  readonly isLeaving: boolean;
  readonly isStopping: boolean;
}

export function situationOf(
  { clock, identity, limits, log, projection, timing }: NodeSettings,
  parts: NodeParts,
  beside: Beside,
): Situation {
  const { applier, diskKeeper, host, proposals, reads } = parts;
  const { context, role, standing } = host;
  const peers = parts.peers();
  return {
    ...beside,
    id: identity.nodeId,
    nowMs: clock.nowMs(),
    wallMs: clock.wallMs(),
    uptimeMs: clock.nowMs() - parts.startedMs,
    role,
    leaderId: standing.leaderId,
    context,
    timing,
    quorum: quorumAmong(peers, context),
    peers,
    appliedIndex: applier.appliedIndex,
    writes: { underWay: proposals.underWay, max: limits.proposalsMax },
    readsUnderWay: reads.underWay,
    disk: {
      hasRoom: log.hasRoom,
      isFull: log.isFull,
      quorumHasRoom: quorumHasRoom(context),
      lastIndex: log.lastIndex,
      durableIndex: log.durableIndex,
      bytesWritten: log.bytesWritten,
      syncs: log.syncs,
      slowSyncMs: diskKeeper.syncs.slowMs,
    },
    store: { keys: projection.size, revision: projection.revision },
  };
}
