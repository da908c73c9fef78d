/**
 * Keeps the Raft chart alive: feeds it one event at a time and hands out, after each step, the
 * effects of that step in order. A failing step has no effects: the node stops instead.
 */
import { type Actor, createActor } from "xstate";
import { FatalError } from "../errors";
import type { raftMachine } from "../machines/raft/raft.machine";
import type { RaftContext, RaftEffect, RaftEvent, RaftInput } from "../machines/raft/vocabulary";
import type { NodeId, Role, Term } from "../types";
import type { Clock } from "./clock";
import type { Cause, MachineWatch } from "./machine-watch";

/** What a person would call the node's situation. */
export interface Standing {
  readonly state: "follower" | "preCandidate" | "candidate" | "leader";
  readonly term: Term;
  readonly leaderId: NodeId | null;
  /** Whom this node hands its office over to. */
  readonly transferTo: NodeId | null;
}

export interface RaftHostOptions {
  readonly input: RaftInput;
  readonly clock: Clock;
  /** The chart to run; a test may provide other rules by name. */
  readonly machine: typeof raftMachine;
  readonly watch: MachineWatch;
  carryOut(effect: RaftEffect): void;
  /** The configurations in the log are others than before, after the effects of that step. */
  onConfigurations(): void;
  /** After the effects of the step that changed it. */
  onStanding(after: Standing, before: Standing, cause: string): void;
  onFailure(error: FatalError): void;
}

interface Step {
  readonly run: () => void;
  readonly cause: Cause<RaftEvent>;
}

const roles: Readonly<Record<Standing["state"], Role>> = {
  follower: "Follower",
  preCandidate: "Candidate",
  candidate: "Candidate",
  leader: "Leader",
};

export class RaftHost {
  readonly #options: RaftHostOptions;
  readonly #actor: Actor<typeof raftMachine>;
  readonly #waiting: Step[] = [];
  #effects: RaftEffect[] = [];
  #isStepping = false;
  #isOver = false;
  #standing: Standing;
  #configurations: RaftContext["configurations"];

  constructor(options: RaftHostOptions) {
    this.#options = options;
    const { clock, input, machine } = options;
    this.#actor = createActor(machine, {
      id: "raft",
      input,
      clock: {
        // Timers fire outside a step, so their effects are collected here too.
        setTimeout: (fire: () => void, delayMs: number) =>
          clock.setTimeout(() => this.#take({ run: fire, cause: "a timer" }), delayMs),
        clearTimeout: (handle: unknown) => clock.clearTimeout(handle),
      },
    });
    this.#actor.on("*", (effect) => this.#effects.push(effect));
    this.#actor.subscribe({ error: (error) => this.#fail(error) });
    this.#standing = this.#look();
    this.#configurations = this.context.configurations;
  }

  get context(): RaftContext {
    return this.#actor.getSnapshot().context;
  }
  get standing(): Standing {
    return this.#standing;
  }
  get role(): Role {
    return roles[this.#standing.state];
  }
  /** Whether new proposals would be appended here. */
  get isServing(): boolean {
    return this.#actor.getSnapshot().matches({ leader: "serving" });
  }

  /** Whether this node leads, or has heard from a leader within its lease. */
  get isLed(): boolean {
    const snapshot = this.#actor.getSnapshot();
    return snapshot.matches("leader") || snapshot.matches({ follower: "leased" });
  }

  start(): void {
    this.#take({ run: () => this.#actor.start(), cause: "the start" });
  }

  /** One event, whole, with all its effects; events that its effects cause come after. */
  step(event: RaftEvent): void {
    this.#take({ run: () => this.#actor.send(event), cause: event });
  }

  stop(): void {
    this.#isOver = true;
    this.#actor.stop();
  }

  #take(step: Step): void {
    this.#waiting.push(step);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#run(next);
    } finally {
      this.#isStepping = false;
    }
  }

  #run({ run, cause }: Step): void {
    if (this.#isOver) return;
    run();
    const why = this.#options.watch.raft(this.#actor.getSnapshot(), cause);
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) {
      if (this.#isOver) return;
      this.#options.carryOut(effect);
    }
    this.#noteConfigurations();
    this.#noteStanding(cause, why);
  }

  #noteConfigurations(): void {
    const { configurations } = this.context;
    if (configurations === this.#configurations) return;
    this.#configurations = configurations;
    this.#options.onConfigurations();
  }

  #noteStanding(cause: Step["cause"], why: string | null): void {
    const before = this.#standing;
    const after = this.#look();
    const isSame =
      after.state === before.state &&
      after.term === before.term &&
      after.leaderId === before.leaderId &&
      after.transferTo === before.transferTo;
    if (isSame) return;
    this.#standing = after;
    this.#options.onStanding(after, before, why ?? inWords(cause));
  }

  #look(): Standing {
    const { value, context } = this.#actor.getSnapshot();
    const state = typeof value === "string" ? value : stateOf(value);
    const { currentTerm: term, leaderId, leadership } = context;
    return { state, term, leaderId, transferTo: leadership?.transferTo ?? null };
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const message = error instanceof Error ? error.message : String(error);
    this.#options.onFailure(
      new FatalError("machine_failed", `the Raft machine failed: ${message}`, {
        nextStep: "keep the data directory and report this; the other nodes carry on",
        cause: error,
      }),
    );
  }
}

function stateOf(value: object): Standing["state"] {
  return "leader" in value ? "leader" : "follower";
}

function inWords(cause: Step["cause"]): string {
  if (typeof cause === "string") return cause;
  return cause.type === "received" ? `${cause.message.type} from node ${cause.from}` : cause.type;
}
