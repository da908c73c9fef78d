/** Carries out what the Raft machine asks for, in the order it asked. */
import { encodeEntries } from "../codec/entries";
import { encodePeerMessage } from "../codec/messages";
import type { RaftContext, RaftEffect } from "../machines/raft/vocabulary";
import type { OutgoingRaftMessage, RaftMessage } from "../messages";
import type { LogStore } from "../store/ports";
import type { HardState, LogEntry, LogIndex, NodeId } from "../types";
import type { Applier } from "./applier";
import type { Clock } from "./clock";
import type { DiskKeeper } from "./disk-keeper";
import type { MemberChanges } from "./member-changes";
import type { Membership } from "./membership";
import type { Outbox } from "./outbox";
import type { Proposals } from "./proposals";
import type { Reads } from "./reads";
import type { RoundClock } from "./round-clock";
import type { KvSnapshots } from "./snapshots/kv-snapshots";
import type { SnapshotInstaller } from "./snapshots/snapshot-installer";

type Effect<T extends RaftEffect["type"]> = Extract<RaftEffect, { type: T }>;
type Told =
  | Effect<"changeAppended" | "declineChange" | "declineProposals" | "confirmRead" | "declineRead">
  | Effect<"openRound" | "confirmRound" | "takeOffice" | "leaveOffice">;

export interface EffectRunnerOptions {
  readonly clock: Clock;
  readonly log: LogStore;
  /** Of the entry at the end of the log, 0 for an empty one. */
  readonly lastTimeMs: number;
  readonly outbox: Outbox;
  readonly applier: Applier;
  readonly changes: MemberChanges;
  readonly diskKeeper: DiskKeeper;
  readonly membership: Membership;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly rounds: RoundClock;
  readonly snapshots: KvSnapshots;
  readonly installer: SnapshotInstaller;
  context(): RaftContext;
  onHardStateDurable(hardState: HardState): void;
}

export class EffectRunner {
  readonly #options: EffectRunnerOptions;
  /** A leader's time never goes back, whatever its wall clock does (architecture). */
  #lastTimeMs: number;
  #committedBefore = 0;

  constructor(options: EffectRunnerOptions) {
    this.#options = options;
    this.#lastTimeMs = options.lastTimeMs;
  }

  /** Entries up to here are in a snapshot that was installed: the leader's time goes on from it. */
  noteTime(timeMs: number): void {
    this.#lastTimeMs = Math.max(this.#lastTimeMs, timeMs);
  }

  carryOut(effect: RaftEffect): void {
    const { installer, log } = this.#options;
    switch (effect.type) {
      case "persistHardState":
        this.#persistHardState(effect.hardState);
        break;
      case "send":
        this.#send(effect.to, effect.message);
        break;
      case "appendDrafts":
        this.#appendDrafts(effect);
        break;
      case "appendEntries":
        this.#appendEntries(effect);
        break;
      case "clearForgotten":
        log.clearForgotten();
        break;
      case "receiveChunk":
        installer.receive(effect);
        break;
      case "abandonSnapshot":
        installer.abandon(effect.snapshot);
        break;
      case "installSnapshot":
        installer.install(effect);
        break;
      case "cutLog":
        log.cut(effect.baseIndex);
        break;
      case "applyCommitted":
        this.#onCommitted(effect.commitIndex);
        break;
      default:
        this.#tell(effect);
    }
  }

  /** What only concerns those who wait for an end, or for proof. */
  #tell(effect: Told): void {
    const { applier, changes, proposals, reads, rounds } = this.#options;
    const { commitIndex } = this.#options.context();
    switch (effect.type) {
      case "changeAppended":
        changes.onAppended(effect.request, effect.index);
        break;
      case "declineChange":
        changes.onDeclined(effect.request, effect.refusal);
        break;
      case "declineProposals":
        proposals.onDeclined();
        break;
      case "confirmRead":
        reads.onConfirmed(effect.read, effect.readIndex);
        break;
      case "declineRead":
        reads.onDeclined(effect.read);
        break;
      case "openRound":
        rounds.onOpened(effect.round);
        break;
      case "confirmRound":
        rounds.onConfirmed(effect.round, commitIndex, applier.appliedIndex);
        break;
      case "takeOffice":
        rounds.onOfficeTaken();
        break;
      case "leaveOffice":
        proposals.onOfficeLeft(commitIndex);
        changes.onOfficeLeft();
        break;
    }
  }

  #onCommitted(commitIndex: LogIndex): void {
    const { applier, changes, context, membership, proposals } = this.#options;
    applier.applyThrough(commitIndex);
    proposals.onCommitted();
    changes.onCommitted(commitIndex);
    // Only the latest configuration can make a difference, and only while it was not committed.
    const latest = context().configurations.at(-1)?.index ?? 0;
    if (latest > this.#committedBefore && latest <= commitIndex) membership.onChanged();
    this.#committedBefore = commitIndex;
  }

  #persistHardState(hardState: HardState): void {
    const { log, outbox, onHardStateDurable } = this.#options;
    outbox.hardStateRequested();
    log.persistHardState(hardState, () => {
      outbox.hardStateDurable();
      onHardStateDurable(hardState);
    });
  }

  #send(to: NodeId, outgoing: OutgoingRaftMessage): void {
    const { log, outbox } = this.#options;
    const message = this.#filledIn(outgoing);
    outbox.send(to, encodePeerMessage({ kind: "raft", hasRoom: log.hasRoom, message }));
  }

  #filledIn(outgoing: OutgoingRaftMessage): RaftMessage {
    switch (outgoing.type) {
      case "AppendEntries":
        return this.#withEntries(outgoing);
      case "InstallSnapshot":
        return this.#withChunk(outgoing);
      default:
        return outgoing;
    }
  }

  #withChunk(outgoing: Extract<OutgoingRaftMessage, { type: "InstallSnapshot" }>): RaftMessage {
    const { byteLength, ...header } = outgoing;
    const bytes = this.#options.snapshots.read(header.snapshot, header.offset, byteLength);
    return { ...header, bytes };
  }

  /** The range is read in the very step that asked for it, so it is the log of that step. */
  #withEntries(outgoing: Extract<OutgoingRaftMessage, { type: "AppendEntries" }>): RaftMessage {
    const { range } = outgoing;
    const { log, rounds } = this.#options;
    const entries =
      range === null ? [] : log.read(range.firstIndex, range.lastIndex, Number.POSITIVE_INFINITY);
    return { ...outgoing, entries, confirmedAgeMs: rounds.confirmedAgeMs() };
  }

  #appendDrafts({ drafts, firstIndex, generation, term }: Effect<"appendDrafts">): void {
    const { clock, proposals } = this.#options;
    this.#lastTimeMs = Math.max(this.#lastTimeMs, clock.wallMs());
    const timeMs = this.#lastTimeMs;
    this.#append(encodeEntries(drafts, { index: firstIndex, term, timeMs }), generation);
    if (drafts[0]?.kind === "command") proposals.onAppended(firstIndex, term);
  }

  #appendEntries({ entries, generation }: Effect<"appendEntries">): void {
    const last = entries.at(-1);
    if (last) this.#lastTimeMs = Math.max(this.#lastTimeMs, last.timeMs);
    this.#append(entries, generation);
  }

  #append(entries: readonly LogEntry[], generation: number): void {
    const { log, context, diskKeeper } = this.#options;
    log.append(entries, { generation, commitIndex: context().commitIndex });
    diskKeeper.look();
  }
}
