/**
 * What the age of a stale read promises: the copy holds everything that was committed when the read
 * was asked, less that age. The age begins at the arrival of the leader's word; the time it was
 * under way is left out (see `RoundClock`), so it is measured here and granted.
 */
import { raftKinds } from "../../src/codec/raft-messages";
import type { SimulatedCluster } from "../../src/simulation/cluster";
import type { SimulatedNode } from "../../src/simulation/node";
import type { ClusterObserver, SentMessage } from "../../src/simulation/observer";
import { type LogIndex, logIndex } from "../../src/types";
import type { Ghost } from "./ghost";
import { roundOf } from "./places";

/** The clock counts in whole µs: what is nearer than this is one instant. */
const INSTANT_MS = 0.0005;

export class Freshness {
  readonly #cluster: SimulatedCluster;
  readonly #ghost: Ghost;
  /** When the committed index grew, and how far; ascending. */
  readonly #commits: { readonly atMs: number; readonly index: LogIndex }[] = [];
  /** When the first message of a round was sent to a node, by term, round and receiver. */
  readonly #sentMs = new Map<number, number>();
  /** The longest that a round's first message was under way to a node, in its present life. */
  readonly #underWayMs = new Map<SimulatedNode, number>();

  constructor(cluster: SimulatedCluster, ghost: Ghost) {
    this.#cluster = cluster;
    this.#ghost = ghost;
  }

  readonly observer: ClusterObserver = {
    onEvent: () => {
      const index = this.#ghost.committedIndex;
      if (index > (this.#commits.at(-1)?.index ?? 0)) {
        this.#commits.push({ atMs: this.#cluster.clock.nowMs, index });
      }
    },
    onBooted: (node) => this.#underWayMs.delete(node),
    onSent: (_, sent) => this.#onSent(sent),
    onChanged: (node, { currentTerm, leaderRound, leadership }, before) => {
      const isNews = leaderRound !== before?.leaderRound || currentTerm !== before.currentTerm;
      if (leadership !== null || !isNews) return;
      const sentMs = this.#sentMs.get(roundOf(currentTerm, leaderRound, node.id));
      if (sentMs === undefined) return;
      const known = this.#underWayMs.get(node) ?? 0;
      this.#underWayMs.set(node, Math.max(known, this.#cluster.clock.nowMs - sentMs));
    },
  };

  /**
   * What a copy of `node` that calls itself `ageMs` old must hold at least. What was committed in
   * the very instant from which the age counts, it need not: a leader that is a majority by itself
   * confirms a round, sends it and commits more within one turn, and what it told is true.
   */
  owed(node: SimulatedNode, ageMs: number): LogIndex {
    const underWayMs = this.#underWayMs.get(node) ?? 0;
    const atMs = this.#cluster.clock.nowMs - ageMs - underWayMs;
    const before = this.#commits.findLast((commit) => commit.atMs < atMs - INSTANT_MS);
    return before?.index ?? logIndex(0);
  }

  #onSent(sent: SentMessage): void {
    if (sent.kind !== raftKinds.AppendEntries || sent.decoded.kind !== "raft") return;
    const { message } = sent.decoded;
    if (message.type !== "AppendEntries") return;
    const place = roundOf(message.term, message.round, sent.to);
    if (!this.#sentMs.has(place)) this.#sentMs.set(place, this.#cluster.clock.nowMs);
  }
}
