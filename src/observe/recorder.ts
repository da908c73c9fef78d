/**
 * Watches every machine of a node and tells of each transition: to a ring, and to whoever else
 * wants to know. A step that leads nowhere costs a few comparisons.
 */
import type { Cause, MachineWatch, RaftSnapshot } from "../actors/machine-watch";
import type { AcceptanceContext, AcceptanceEvent } from "../machines/acceptance.machine";
import type { CompactionContext } from "../machines/compaction-setup";
import type { CompactionEvent } from "../machines/compaction-vocabulary";
import type { ConnectionContext, ConnectionEvent } from "../machines/connection.machine";
import type { RaftContext, RaftEvent } from "../machines/raft/vocabulary";
import type { NodeId, Term } from "../types";
import { type Election, Elections } from "./elections";
import { type Facts, type Look, MachineTrack, type Told, type Words } from "./machine-track";
import { ReplicatorTracks } from "./replicator-tracks";
import type { Transition } from "./transition";
import type { TransitionRing } from "./transition-ring";
import { compactionWords } from "./words/compaction";
import { acceptanceWords, connectionWords } from "./words/links";
import { membershipState, membershipWords } from "./words/membership";
import { raftWords } from "./words/raft";
import { type RecoveryContext, recoveryState, recoveryWords } from "./words/recovery";

export interface RecorderOptions {
  readonly node: NodeId;
  /** What this start has found; it is the first thing that is told. */
  readonly recovery: RecoveryContext;
  /** May hold transitions of earlier starts: the numbers go on behind them. */
  readonly ring: TransitionRing;
  nowMs(): number;
  wallMs(): number;
  /** Called within the step that it tells of: it must neither throw nor take long. */
  onTransition?(transition: Transition): void;
}

export class Recorder implements MachineWatch {
  readonly ring: TransitionRing;
  readonly #options: RecorderOptions;
  readonly #elections: Elections;
  readonly #raft: MachineTrack<RaftContext, RaftEvent>;
  readonly #membership: MachineTrack<RaftContext, RaftEvent>;
  readonly #recovery: MachineTrack<RecoveryContext, RaftEvent>;
  readonly #compaction: MachineTrack<CompactionContext, CompactionEvent>;
  readonly #replicators: ReplicatorTracks;
  readonly #connections = new Map<NodeId, MachineTrack<ConnectionContext, ConnectionEvent>>();
  readonly #acceptances = new Map<NodeId, MachineTrack<AcceptanceContext, AcceptanceEvent>>();
  #term: Term;
  #configurations: RaftContext["configurations"] | null = null;
  #isPending = false;
  #isQuarantined: boolean;

  constructor(options: RecorderOptions) {
    const { recovery } = options;
    this.#options = options;
    this.#term = recovery.term;
    this.ring = options.ring;
    this.#elections = new Elections(options);
    this.#raft = this.#track("raft", "raft", raftWords);
    this.#membership = this.#track("membership", null, membershipWords);
    this.#recovery = this.#track("recovery", null, recoveryWords);
    this.#compaction = this.#track("compaction", "compaction", compactionWords);
    this.#replicators = new ReplicatorTracks(this.#shared());
    this.#isQuarantined = recovery.forgottenUpTo !== null;
    this.#recovery.see(
      { value: recoveryState(recovery.forgottenUpTo), context: recovery },
      "the start",
    );
  }

  get lastElection(): Election | null {
    return this.#elections.last;
  }
  /** The path of the Raft chart's state, "" before the start, and how long it has been in it. */
  get raftState(): { readonly path: string; readonly inStateMs: number } {
    return this.#raft;
  }

  replicatorOf(peer: NodeId): ReturnType<ReplicatorTracks["of"]> {
    return this.#replicators.of(peer);
  }

  /** The link on which we speak to `peer`; null for none. */
  connectionOf(peer: NodeId): ConnectionContext | null {
    return this.#connections.get(peer)?.look?.context ?? null;
  }

  /** Every machine that is there now. */
  describe(): readonly Facts[] {
    const tracks = [
      this.#recovery,
      this.#raft,
      ...this.#replicators.tracks,
      ...this.#connections.values(),
      ...this.#acceptances.values(),
      this.#compaction,
      this.#membership,
    ];
    return tracks.filter(({ look }) => look !== null).map((track) => track.describe());
  }

  /** The node ends, and the next start will know how. */
  end(event: LifeEnd, reason: string): void {
    const { look } = this.#raft;
    if (look !== null) this.#seeRecovery(look.context, "a timer");
    this.#recovery.end(event, reason);
  }

  raft(snapshot: RaftSnapshot, cause: Cause<RaftEvent>): string | null {
    const { context } = snapshot;
    this.#term = context.currentTerm;
    const moved = this.#raft.see(snapshot, cause);
    this.#elections.see(context, moved);
    this.#seeStanding(context, cause);
    this.#replicators.see(snapshot, cause);
    return moved?.reason ?? null;
  }

  compaction(look: Look<CompactionContext>, cause: Cause<CompactionEvent>): void {
    this.#compaction.see(look, cause);
  }

  connection(peer: NodeId, look: Look<ConnectionContext>, cause: Cause<ConnectionEvent>): void {
    let track = this.#connections.get(peer);
    if (track === undefined) {
      track = this.#track(`link/${peer}`, "connection", connectionWords(peer));
      this.#connections.set(peer, track);
    }
    track.see(look, cause);
    if (look.value === "stopped") this.#connections.delete(peer);
  }

  acceptance(peer: NodeId, look: Look<AcceptanceContext>, cause: Cause<AcceptanceEvent>): void {
    // The same peer has dialled anew: what is told of it goes on with that link.
    if (typeof cause !== "string" && cause.type === "link.replaced") return;
    let track = this.#acceptances.get(peer);
    if (track === undefined) {
      track = this.#track(`acceptance/${peer}`, "acceptance", acceptanceWords(peer));
      this.#acceptances.set(peer, track);
    }
    track.see(look, cause);
    if (look.value === "closed") this.#acceptances.delete(peer);
  }

  /** Who takes part, and what is forgotten: seldom anything else than before. */
  #seeStanding(context: RaftContext, cause: Cause<RaftEvent>): void {
    const { configurations, forgotten } = context;
    const isOther = configurations !== this.#configurations;
    if (isOther || this.#isPending) {
      const value = membershipState(context);
      if (isOther || value === "settled") this.#seeMembership({ value, context }, cause);
    }
    if (this.#isQuarantined === (forgotten !== null)) return;
    this.#isQuarantined = forgotten !== null;
    this.#seeRecovery(context, cause);
  }

  #seeRecovery({ forgotten, log }: RaftContext, cause: Cause<RaftEvent>): void {
    const known = { ...this.#options.recovery, lastLogIndex: log.lastIndex };
    const context = { ...known, forgottenUpTo: forgotten?.upTo ?? null };
    this.#recovery.see({ value: recoveryState(forgotten), context }, cause);
  }

  #seeMembership(look: Look<RaftContext>, cause: Cause<RaftEvent>): void {
    this.#configurations = look.context.configurations;
    this.#isPending = look.value === "pending";
    const known = this.#membership.look?.context.configurations.at(-1)?.index;
    // A batch may bring a change together with the news that it is committed.
    if (look.context.configurations.at(-1)?.index === known) this.#membership.see(look, cause);
    else this.#membership.seeAnew(look, cause);
  }

  #track<Context, Event>(machine: string, chart: string | null, words: Words<Context, Event>) {
    return new MachineTrack<Context, Event>({ ...this.#shared(), machine, chart, words });
  }

  #shared() {
    return { nowMs: () => this.#options.nowMs(), record: (told: Told) => this.#record(told) };
  }

  #record(told: Told): Transition {
    const { node, nowMs, onTransition, wallMs } = this.#options;
    const transition: Transition = {
      seq: this.ring.lastSeq + 1,
      node,
      ...told,
      term: this.#term,
      monotonicMs: Math.round(nowMs()),
      wallMs: wallMs(),
    };
    this.ring.add(transition);
    onTransition?.(transition);
    return transition;
  }
}

/** The event of the last transition of a life: as it should, or by a fault. */
export type LifeEnd = "stopped" | "failed";
