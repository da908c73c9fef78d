/**
 * What the committed log folds to, entry by entry, told by a projection that no node has and that
 * never was restored from anything. Whatever state a node comes to, by its log, by its own snapshot
 * or by another's, is held against this one.
 */
import type { NodeRecipe } from "../../src/simulation/cluster-parts";
import type { ClusterObserver } from "../../src/simulation/observer";
import { KvProjection } from "../../src/store/kv-projection";
import {
  type ConfigurationEntry,
  type LogEntry,
  type LogIndex,
  logIndex,
  membersOf,
} from "../../src/types";

export class Fold {
  readonly #projection: KvProjection;
  /** After each entry, from none on. */
  readonly #states: string[];
  /** Every one, with the founders' first. */
  readonly #configurations: ConfigurationEntry[];

  constructor({ founders, idempotencyLimits }: NodeRecipe) {
    this.#projection = new KvProjection(idempotencyLimits);
    this.#states = [stateText(this.#projection)];
    this.#configurations = [{ index: logIndex(0), configuration: founders }];
  }

  /** Whoever is first to apply an entry tells it; that others apply the same one is for I8. */
  readonly observer: ClusterObserver = { onApplied: (_, entry) => this.#apply(entry) };

  /** Whether it is the state after its last applied entry. */
  isTrue(projection: KvProjection): boolean {
    return this.#states[projection.appliedIndex] === stateText(projection);
  }

  /** All up to and with the one in force after the entry at `index`, oldest first. */
  configurationsAt(index: LogIndex): readonly ConfigurationEntry[] {
    return this.#configurations.filter((entry) => entry.index <= index);
  }

  #apply(entry: LogEntry): void {
    if (entry.index !== this.#projection.appliedIndex + 1) return;
    this.#projection.apply(entry);
    this.#states.push(stateText(this.#projection));
    const { configuration, index } = entry;
    if (configuration !== null) this.#configurations.push({ index, configuration });
  }
}

/** Equal for equal states, the time of their last entries included. */
const stateText = ({ lastTimeMs, stateHash }: KvProjection): string => `${stateHash} ${lastTimeMs}`;

/** Equal for equal configurations of one entry. */
export const configurationText = ({ configuration, index }: ConfigurationEntry): string => {
  const { learners, removed, voters } = configuration;
  const named = voters.map(({ diskId, id }) => `${id} ${diskId}`);
  const learning = learners.map(({ diskId, id, stays }) => `learner ${id} ${diskId} ${stays}`);
  const gone = removed.map(({ diskId, id }) => `removed ${id} ${diskId}`);
  const places = membersOf(configuration).map(({ peerAddress }) => peerAddress);
  return `${index} (${[...named, ...learning, ...gone].join(", ")} at ${places.join(", ")})`;
};
