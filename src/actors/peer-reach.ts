/** How the other members are reached from here, and the sentences that say so. */
import { majority } from "../machines/quorum";
import { configurationOf, isVoter, peersOf } from "../machines/raft/context";
import type { RaftContext } from "../machines/raft/vocabulary";
import type { NodeId } from "../types";
import type { ClusterStatus } from "./node-handle";
import type { NodeParts, NodeSettings } from "./node-parts";
import { duration } from "./phrases";
import type { LinkStatus } from "./transport";

/** Another member, as it is reached from here. */
export interface Reach {
  readonly id: NodeId;
  readonly voter: boolean;
  /**
   * Heard from within two election timeouts. Followers have nothing to say to each other: between
   * them a link that is open will do, for its pings are answered.
   */
  readonly healthy: boolean;
  /**
   * Since it was last heard, or gave a sign of life on a link that is not open any more; null where
   * neither ever was. **Units**: ms.
   */
  readonly silenceMs: number | null;
  /** What it last said of its disk. */
  readonly hasRoom: boolean;
  /** Ours to it; null where it is not dialled. */
  readonly link: LinkStatus | null;
}

/** How every other member is reached from this node. */
export function reachOf(
  { host, view }: Pick<NodeParts, "host" | "view">,
  { clock, transport }: Pick<NodeSettings, "clock" | "transport">,
): readonly Reach[] {
  const { context, role } = host;
  const links = transport.links();
  return peersOf(context).map((id) => {
    const link = links.find(({ peer }) => peer === id) ?? null;
    const isOpen = link?.state === "open";
    const deadMs = isOpen || link?.aliveMs == null ? null : clock.nowMs() - link.aliveMs;
    return {
      id,
      voter: isVoter(context, id),
      healthy: (isOpen && role === "Follower") || view.isHealthy(id),
      silenceMs: least(view.silenceMs(id), deadMs),
      hasRoom: !context.fullDisks.has(id),
      link,
    };
  });
}

const least = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);

/** Voters, how many of them decide, and how many are reached, this node among them. */
export function quorumAmong(
  peers: readonly Reach[],
  context: RaftContext,
): ClusterStatus["quorum"] {
  const voters = configurationOf(context).voters.length;
  const others = peers.filter(({ healthy, voter }) => voter && healthy).length;
  const self = isVoter(context, context.id) ? 1 : 0;
  return { voters, needed: majority(voters), reachable: others + self };
}

/** "2 voters needed, 1 reachable; node 2 unreachable for 14 s: connection refused". */
export function tooFew(
  peers: readonly Reach[],
  { needed, reachable }: Pick<ClusterStatus["quorum"], "needed" | "reachable">,
  uptimeMs: number,
): string {
  const missing = peers.filter(({ healthy, voter }) => voter && !healthy);
  const sentences = missing.map((peer) => unreachable(peer, uptimeMs));
  return [`${needed} voters needed, ${reachable} reachable`, ...sentences].join("; ");
}

/** Silence that a link which is open does not explain. */
const isDeaf = (reason: string | null): boolean =>
  reason !== null && /^(silent for|no greeting within)/.test(reason);

/** "node 2 unreachable for 14 s: connection refused". */
export function unreachable({ id, link, silenceMs }: Reach, uptimeMs: number): string {
  const isOpen = link?.state === "open";
  if (!isOpen && link?.isHeard) return `node ${id} is heard, but not reached: ${whySilent(link)}`;
  const since =
    silenceMs === null
      ? `never ${isOpen ? "heard" : "reached"} in the ${duration(uptimeMs)} since the start`
      : `${isOpen ? "silent" : "unreachable"} for ${duration(silenceMs)}`;
  return `node ${id} ${since}: ${whySilent(link)}`;
}

function whySilent(link: LinkStatus | null): string {
  if (link === null) return "it is not dialled";
  if (link.state === "open" && !link.isHeard) {
    return "it is reached, but has no link to this node, so that nothing it says gets here";
  }
  if (link.state === "open") {
    return "its link is open, so it is stopped, or follows a leader that this node does not hear";
  }
  const reason = link.reason ?? `its link is ${link.state}`;
  return isDeaf(link.reason) ? `${reason}: its machine answers, it does not` : reason;
}
