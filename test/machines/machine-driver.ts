/**
 * Drives one Raft machine by hand: tell it an event, get back the state it is in and every effect
 * that left it. Time is virtual and stands still between steps.
 */
import {
  type Actor,
  type ActorOptions,
  createActor,
  type InspectionEvent,
  type StateValue,
} from "xstate";
import type { LogShape } from "../../src/machines/log-shape";
import { raftMachine } from "../../src/machines/raft/raft.machine";
import type {
  Forgotten,
  RaftContext,
  RaftEffect,
  RaftEvent,
  RaftTiming,
} from "../../src/machines/raft/vocabulary";
import { defaultWindow, type WindowLimits } from "../../src/machines/replicator.machine";
import type { RaftMessage } from "../../src/messages";
import {
  type Configuration,
  type ConfigurationEntry,
  type DiskId,
  type HardState,
  incarnation,
  logIndex,
  nodeId,
  type SnapshotInfo,
  term,
} from "../../src/types";
import {
  type At,
  diskOf,
  hardState,
  logOf,
  preVoteReply,
  requestVoteReply,
  votersUpTo,
} from "./raft-words";
import { StillClock } from "./still-clock";

export interface NodeFacts {
  readonly id: number;
  /** The one that its id is bound to, unless told otherwise. */
  readonly diskId: DiskId;
  readonly voters: Configuration;
  readonly log: LogShape;
  readonly hardState: HardState;
  readonly commitIndex: number;
  readonly forgotten: Forgotten | null;
  readonly snapshot: SnapshotInfo | null;
  /** The founding one, with all voters, unless told otherwise. */
  readonly configurations: readonly ConfigurationEntry[];
  readonly window: WindowLimits;
  readonly peerAddress: string | null;
  readonly seed: string;
  /** The chart, perhaps with other rules in it. */
  readonly machine: typeof raftMachine;
  /** Sees what XState does. */
  readonly inspect: (event: InspectionEvent) => void;
}

interface Greeting {
  readonly disk?: DiskId;
  readonly last?: At;
  readonly life?: number;
  /** Where it says that it is. */
  readonly address?: string | null;
}

/** What one event led to. */
export interface Step {
  /** The role and what is inside it: `follower.leased`, `candidate`, `leader.serving`. */
  readonly state: string;
  readonly effects: readonly RaftEffect[];
}

export const timing: RaftTiming = { electionTimeoutMs: 1_000, heartbeatIntervalMs: 100 };

export class MachineDriver {
  readonly id: number;
  /** What the start itself led to. */
  readonly began: Step;
  readonly #clock = new StillClock();
  readonly #actor: Actor<typeof raftMachine>;
  #effects: RaftEffect[] = [];
  #failure: unknown = null;

  /** Node 1 of three, blank, unless told otherwise. */
  constructor(facts: Partial<NodeFacts> = {}) {
    const { voters = votersUpTo(3), seed = "driver" } = facts;
    this.id = facts.id ?? 1;
    this.#actor = createActor(facts.machine ?? raftMachine, {
      id: `node-${this.id}`,
      ...(facts.inspect && { inspect: facts.inspect }),
      clock: this.#clock as NonNullable<ActorOptions<typeof raftMachine>["clock"]>,
      input: {
        id: nodeId(this.id),
        diskId: facts.diskId ?? diskOf(this.id),
        peerAddress: facts.peerAddress ?? null,
        timing,
        window: facts.window ?? defaultWindow,
        seed,
        hardState: facts.hardState ?? hardState(0),
        log: facts.log ?? logOf(),
        configurations: facts.configurations ?? [{ index: logIndex(0), configuration: voters }],
        commitIndex: logIndex(facts.commitIndex ?? 0),
        forgotten: facts.forgotten ?? null,
        snapshot: facts.snapshot ?? null,
      },
    });
    this.#actor.on("*", (effect) => this.#effects.push(effect));
    this.#actor.subscribe({
      error: (error) => {
        this.#failure = error;
      },
    });
    this.#actor.start();
    this.began = this.#step();
  }

  get context(): RaftContext {
    return this.#actor.getSnapshot().context;
  }
  get state(): string {
    return describeState(this.#actor.getSnapshot().value);
  }
  get nowMs(): number {
    return this.#clock.nowMs;
  }
  /** Peers that have a live replicator. */
  get replicators(): readonly string[] {
    return this.children.filter((id) => id.startsWith("replicator-"));
  }
  get children(): readonly string[] {
    return Object.keys(this.#actor.getSnapshot().children);
  }

  /** One event. Throws what the machine threw. */
  hear(event: RaftEvent): Step {
    this.#actor.send(event);
    return this.#step();
  }

  receive(
    from: number,
    message: RaftMessage,
    { disk = diskOf(from), life = 1 }: Omit<Greeting, "last"> = {},
  ): Step {
    return this.hear({
      type: "received",
      from: nodeId(from),
      incarnation: incarnation(life),
      diskId: disk,
      message,
    });
  }

  /** The next timer fires. */
  timeOut(): Step {
    if (!this.#clock.fireNext()) throw new Error("no timer is set");
    return this.#step();
  }

  /** `ms` go by, with every timer that is due in them. */
  elapse(ms: number): Step {
    this.#clock.elapse(ms);
    return this.#step();
  }

  /** The disk says: this hard state is durable. */
  persisted(currentTerm: number, votedFor: number | null = null): Step {
    return this.hear({ type: "hardState.durable", hardState: hardState(currentTerm, votedFor) });
  }

  /** The disk says: the log is durable up to `lastIndex`. */
  written(lastIndex: number, generation = this.context.generation): Step {
    return this.hear({ type: "log.durable", lastIndex: logIndex(lastIndex), generation });
  }

  /** A peer greets us; `last` is where its log ends. */
  meet(
    peer: number,
    { disk = diskOf(peer), last = [0, 0], life = 1, address = null }: Greeting = {},
  ): Step {
    return this.hear({
      type: "peer.met",
      peer: nodeId(peer),
      incarnation: incarnation(life),
      diskId: disk,
      lastLogIndex: logIndex(last[0]),
      lastLogTerm: term(last[1]),
      peerAddress: address,
    });
  }

  lose(peer: number): Step {
    return this.hear({ type: "peer.lost", peer: nodeId(peer) });
  }

  #step(): Step {
    if (this.#failure !== null) throw this.#failure;
    const effects = this.#effects;
    this.#effects = [];
    return { state: this.state, effects };
  }
}

function describeState(value: StateValue): string {
  if (typeof value === "string") return value;
  if (value.leader !== undefined) {
    return `leader.${value.leader}`;
  }
  return Object.entries(value)
    .map(([role, inner]) => `${role}.${inner as string}`)
    .join(" ");
}

/** Waits out lease and election timeout. */
export function preCampaign(node: MachineDriver): Step {
  for (;;) {
    const step = node.timeOut();
    if (step.state === "preCandidate") return step;
  }
}

/** The peers that, with the node itself, are a majority of its voters. */
const supporters = (node: MachineDriver): readonly number[] => {
  const voters = node.context.configurations.at(-1)?.configuration.voters ?? [];
  const peers = voters.map(({ id }) => id as number).filter((id) => id !== node.id);
  return peers.slice(0, Math.floor(voters.length / 2));
};

/** A follower on to candidate: a majority would vote for it. */
export function campaign(node: MachineDriver): Step {
  const asked = node.context.currentTerm + 1;
  let step = preCampaign(node);
  for (const peer of supporters(node)) step = node.receive(peer, preVoteReply(asked, true));
  return step;
}

/** A follower on to leader: its vote is durable and a majority gives it theirs. */
export function elect(node: MachineDriver): Step {
  let step = campaign(node);
  const { currentTerm } = node.context;
  step = node.persisted(currentTerm, node.id);
  for (const peer of supporters(node))
    step = node.receive(peer, requestVoteReply(currentTerm, true));
  return step;
}
