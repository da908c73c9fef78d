/** What an explanation is made from, and what it consists of. */
import type { Situation } from "../../actors/situation";
import type { ReplicatorContext } from "../../machines/replicator/vocabulary";
import type { NodeId } from "../../types";
import type { Election } from "../elections";
import type { ClockTrouble, Progress } from "../pulse";

export interface Evidence {
  readonly situation: Situation;
  /** The path of the Raft chart's state. */
  readonly state: string;
  readonly inStateMs: number;
  readonly lastElection: Election | null;
  readonly clockTrouble: ClockTrouble | null;
  replicatorOf(
    peer: NodeId,
  ): { readonly state: string; readonly context: ReplicatorContext } | null;
  /** How long it has not moved though it is owed. **Units**: ms. */
  standstillMs(what: Progress): number;
}

/** One thing that is so, in one sentence and in numbers. */
export interface Fact {
  /** `leader`, `writes`, `ready`, `disk`, `clock`, `membership`, `peer/2`, `follower/2`. */
  readonly about: string;
  readonly ok: boolean;
  readonly says: string;
  readonly numbers: Readonly<Record<string, number | string | null>>;
}
