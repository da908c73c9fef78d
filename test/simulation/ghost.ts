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
import type { ClusterObserver } from "../../src/simulation/observer";
import {
  type Configuration,
  type ConfigurationEntry,
  type LogIndex,
  logIndex,
  type Member,
  type NodeId,
  type Term,
} from "../../src/types";

/** An entry that some node has in its log. */
interface Sighting {
  readonly term: Term;
  readonly chain: number;
}

/** Entries that were committed in one term by the same voters. */
interface Stretch {
  readonly term: Term;
  readonly voters: readonly Member[];
  lastIndex: LogIndex;
}

/** A configuration in somebody's log. */
interface Appended extends ConfigurationEntry {
  readonly chain: number | undefined;
}

export class Ghost {
  readonly leaders = new Map<Term, NodeId>();
  /** Nodes whose disks have lost what they held: it counts as held. */
  readonly forgetful = new Set<NodeId>();
  /** Those that are committed, from the first commit on; the last is in force. */
  readonly configurations: ConfigurationEntry[] = [];
  readonly #cluster: SimulatedCluster;
  /** Chains of the committed entries, from index 1 on. */
  readonly #committed: number[] = [];
  /** In which leader's term, and by whom, they were committed. */
  readonly #committedIn: Stretch[] = [];
  /** Every configuration that was ever appended, with its chain, by index. */
  readonly #appended: Appended[][] = [];
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
    const { voters } = configurationOf(context);
    const before = this.configurations.at(-1)?.index ?? -1;
    const fresh = context.configurations.filter((entry) => entry.index <= index);
    this.configurations.push(...fresh.filter((entry) => entry.index > before));
    for (let next = this.#committed.length + 1; next <= index; next++) {
      this.#committed.push(leader.witness.chainAt(logIndex(next)) ?? Number.NaN);
    }
    const stretch = this.#committedIn.at(-1);
    const { committedIndex: lastIndex } = this;
    if (stretch?.term === term && stretch.voters === voters) stretch.lastIndex = lastIndex;
    else this.#committedIn.push({ term, voters, lastIndex });
  }

  /** The last entry that a leader of an earlier term has committed. */
  committedBefore(term: Term): LogIndex {
    return this.#committedIn.findLast((stretch) => stretch.term < term)?.lastIndex ?? logIndex(0);
  }

  /** Who had a say when an entry was committed; null where it is not. */
  votersOf(index: LogIndex): readonly Member[] | null {
    return this.#committedIn.find(({ lastIndex }) => lastIndex >= index)?.voters ?? null;
  }

  /** The last committed configuration; null before the first commit. */
  get configuration(): Configuration | null {
    return this.configurations.at(-1)?.configuration ?? null;
  }

  /** Configurations that are not committed, and that some of these nodes may have in their logs. */
  pendingOf(nodes: readonly SimulatedNode[]): readonly Configuration[] {
    return this.#appended
      .slice(this.committedIndex + 1)
      .flat()
      .filter(({ chain, index }) => nodes.some(({ witness }) => witness.chainAt(index) === chain))
      .map(({ configuration }) => configuration);
  }

  /** The latest one that a node's disk holds, whether it runs or not; null where there is none. */
  configurationOn({ witness }: SimulatedNode): Configuration | null {
    const found = this.#appended
      .slice(0, witness.durableIndex + 1)
      .flat()
      .findLast(({ chain, index }) => witness.chainAt(index) === chain);
    return found?.configuration ?? null;
  }

  readonly observer: ClusterObserver = {
    onAppended: ({ witness }, entries) => {
      for (const { configuration, index } of entries) {
        if (configuration === null) continue;
        const chain = witness.chainAt(index);
        const known = this.#appended[index] ?? [];
        this.#appended[index] = known;
        if (known.some((one) => one.chain === chain)) continue;
        known.push({ chain, configuration, index });
      }
    },
  };

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

  /** Whether the disks of a majority of these voters hold the log that has this chain. */
  isOnQuorum(voters: readonly Member[], index: LogIndex, chain: number | undefined): boolean {
    let holders = 0;
    for (const { id } of voters) {
      const { witness } = this.#cluster.node(id);
      if (this.forgetful.has(id)) holders++;
      else if (witness.durableIndex >= index && witness.chainAt(index) === chain) holders++;
    }
    return holders >= majority(voters.length);
  }
}
