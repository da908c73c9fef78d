/** One machine of one node has come into another state: what is kept, streamed and shown of it. */
import type { NodeId, Term } from "../types";

export interface Transition {
  /** Counts the transitions of a node, over its restarts. */
  readonly seq: number;
  readonly node: NodeId;
  /** `raft`, `replicator/2`, `link/2`, `acceptance/2`, `compaction`, `membership`, `recovery`. */
  readonly machine: string;
  /** A dotted path as in the chart; null where the machine was not there before. */
  readonly from: string | null;
  /** As the chart names what triggers it. */
  readonly event: string;
  /** null where the machine is gone. */
  readonly to: string | null;
  /** The node's. */
  readonly term: Term;
  /** What the machine is about: a place in the log. null where it is about none. */
  readonly index: number | null;
  /** One sentence in Raft's words. */
  readonly reason: string;
  /** Comparable within one start of one node only. **Units**: ms. */
  readonly monotonicMs: number;
  /** **Units**: ms since the epoch. */
  readonly wallMs: number;
}

/** As it is shown and streamed. */
export function transitionJson(transition: Transition): string {
  const { event, from, index, machine, monotonicMs, node, reason, seq, term, to, wallMs } =
    transition;
  return JSON.stringify({
    seq,
    node,
    machine,
    from,
    event,
    to,
    term,
    index,
    reason,
    monotonic_ms: monotonicMs,
    wall_ms: wallMs,
  });
}
