/**
 * What an all-seeing witness knows of a cluster, beside what its nodes believe: which entries are
 * committed, what was ever written under an index and term, and who led which term. The registries
 * are written once; the invariants hold the nodes against them.
 */

import { majority } from "../../src/machines/quorum";
import { configurationOf } from "../../src/machines/raft/context";
import type { RaftContext } from "../../src/machines/raft/vocabulary";
import type { SimulatedCluster } from "../../src/simulation/cluster";
import type { SimulatedNode } from "../../src/simulation/node";
import {
  type Configuration,
  type LogIndex,
  logIndex,
  type NodeId,
  type Term,
} from "../../src/types";

/** An entry that some node has in its log. */
interface Sighting {
  readonly term: Term;
  readonly chain: number;
}

export class Ghost {
  readonly leaders = new Map<Term, NodeId>();
  /** Nodes whose disks have lost what they held: it counts as held. */
  readonly forgetful = new Set<NodeId>();
  /** The last committed configuration; null before the first commit. */
  configuration: Configuration | null = null;
  readonly #cluster: SimulatedCluster;
  /** Chains of the committed entries, from index 1 on. */
  readonly #committed: number[] = [];
  /** In which leader's term they were committed: one item for each stretch of equal terms. */
  readonly #committedIn: { readonly term: Term; lastIndex: LogIndex }[] = [];
  /** By index: one for each term that the index was ever written under. */
  readonly #sightings: Sighting[][] = [];

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster;
  }

  /** The last committed entry. */
  get committedIndex(): LogIndex {
    return logIndex(this.#committed.length);
  }

  /** undefined where nothing is committed. */
  committedChain(index: LogIndex): number | undefined {
    return index === 0 ? 0 : this.#committed[index - 1];
  }

  /**
   * Takes over everything up to `index` from the log of the leader that commits it. One that slept
   * may commit late what its successors have committed long since: that is nothing new.
   */
  commit(leader: SimulatedNode, context: RaftContext, index: LogIndex): void {
    if (index <= this.committedIndex) return;
    const term = context.currentTerm;
    const configuration = context.configurations.findLast((entry) => entry.index <= index);
    this.configuration = configuration?.configuration ?? null;
    for (let next = this.#committed.length + 1; next <= index; next++) {
      this.#committed.push(leader.witness.chainAt(logIndex(next)) ?? Number.NaN);
    }
    const stretch = this.#committedIn.at(-1);
    if (stretch?.term === term) stretch.lastIndex = this.committedIndex;
    else this.#committedIn.push({ term, lastIndex: this.committedIndex });
  }

  /** The last entry that a leader of an earlier term has committed. */
  committedBefore(term: Term): LogIndex {
    return this.#committedIn.findLast((stretch) => stretch.term < term)?.lastIndex ?? logIndex(0);
  }

  /** Whether a node's log holds everything committed up to `index`. */
  holdsCommitted(node: SimulatedNode, index: LogIndex): boolean {
    return node.witness.chainAt(index) === this.committedChain(index);
  }

  /** The chain first seen under this index and term; a new pair is remembered. */
  sight(index: LogIndex, sighting: Sighting): Sighting | null {
    const known = this.#sightings[index];
    if (known === undefined) {
      this.#sightings[index] = [sighting];
      return null;
    }
    const same = known.find(({ term }) => term === sighting.term);
    if (same === undefined) known.push(sighting);
    return same ?? null;
  }

  /** Whether the disks of a majority of the voters in force hold the log that has this chain. */
  isOnQuorum(context: RaftContext, index: LogIndex, chain: number | undefined): boolean {
    const { voters } = configurationOf(context);
    let holders = 0;
    for (const { id } of voters) {
      const { witness } = this.#cluster.node(id);
      if (this.forgetful.has(id)) holders++;
      else if (witness.durableIndex >= index && witness.chainAt(index) === chain) holders++;
    }
    return holders >= majority(voters.length);
  }
}
