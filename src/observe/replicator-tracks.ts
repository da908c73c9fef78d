/** Follows a leader's replicators, which come and go with its office and its peers. */
import type { Cause, RaftSnapshot } from "../actors/machine-watch";
import type { RaftEvent } from "../machines/raft/vocabulary";
import type { ReplicatorContext } from "../machines/replicator/vocabulary";
import type { NodeId } from "../types";
import { type Look, MachineTrack, type TrackOptions } from "./machine-track";
import { replicatorWords, whyReplicatorEnded } from "./words/replicator";

type Track = MachineTrack<ReplicatorContext, RaftEvent>;
type Child = NonNullable<RaftSnapshot["children"][string]>;

interface Followed {
  readonly peer: NodeId;
  readonly child: Child;
  readonly track: Track;
}

export class ReplicatorTracks {
  readonly #shared: Pick<TrackOptions<ReplicatorContext, RaftEvent>, "nowMs" | "record">;
  #children: RaftSnapshot["children"] | null = null;
  #followed: readonly Followed[] = [];

  constructor(shared: Pick<TrackOptions<ReplicatorContext, RaftEvent>, "nowMs" | "record">) {
    this.#shared = shared;
  }

  get tracks(): readonly Track[] {
    return this.#followed.map(({ track }) => track);
  }

  /** How far the peer's log is known to match, while this node leads; null for no replicator. */
  of(peer: NodeId): { readonly state: string; readonly context: ReplicatorContext } | null {
    const track = this.#followed.find((followed) => followed.peer === peer)?.track;
    return track?.look ? { state: track.path, context: track.look.context } : null;
  }

  /** After each step of the leader's chart. */
  see(snapshot: RaftSnapshot, cause: Cause<RaftEvent>): void {
    if (snapshot.children !== this.#children) this.#follow(snapshot);
    for (const { child, track } of this.#followed) {
      const look = lookAt(child);
      if (look !== null) track.see(look, cause);
    }
  }

  #follow({ children, context }: RaftSnapshot): void {
    this.#children = children;
    const present = Object.values(children);
    const kept = this.#followed.filter(({ child }) => present.includes(child));
    for (const { peer, track, child } of this.#followed) {
      if (present.includes(child)) continue;
      track.end("stopped", whyReplicatorEnded(peer, context.leadership !== null));
    }
    const come = present.flatMap((child) => {
      if (child === undefined || kept.some((followed) => followed.child === child)) return [];
      const peer = lookAt(child)?.context.peer;
      return peer === undefined ? [] : [{ peer, child, track: this.#trackOf(peer) }];
    });
    this.#followed = [...kept, ...come];
  }

  #trackOf(peer: NodeId): Track {
    const machine = `replicator/${peer}`;
    return new MachineTrack({
      ...this.#shared,
      machine,
      chart: "replicator",
      words: replicatorWords,
    });
  }
}

/** null for a child that is no replicator. */
function lookAt(child: Child): Look<ReplicatorContext> | null {
  const { context, value } = child.getSnapshot();
  return "matchIndex" in context ? { value, context } : null;
}
