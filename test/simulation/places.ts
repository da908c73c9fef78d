/**
 * Places in the history of a cluster as numbers: the invariants look up several for each message,
 * and a map finds a number far sooner than a text that was put together for it.
 */
import { NODES_MAX } from "../../src/simulation/cluster";
import type { NodeId, Term } from "../../src/types";

/** More than any node's id. */
const IDS = NODES_MAX + 1;
/** More rounds than a leader opens in one term of a simulation. */
const ROUNDS = 2 ** 24;

/** One direction between two nodes in one term. */
export const wayOf = (term: Term | number, from: NodeId, to: NodeId): number =>
  (term * IDS + from) * IDS + to;

/** One round of a term, of or to one node. */
export const roundOf = (term: Term | number, round: number, node: NodeId): number =>
  (term * ROUNDS + round) * IDS + node;
