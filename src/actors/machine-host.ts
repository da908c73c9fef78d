/**
 * Runs one machine: events in, effects out, in order.
 *
 * Effects are collected while the machine steps and performed after it, so a throw in one surfaces
 * here, at its cause, and an effect may send the next event. Timers step the machine too, hence
 * the wrapped clock.
 */
import {
  type ActorOptions,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventFromLogic,
  type InputFrom,
  type SnapshotFrom,
} from "xstate";
import { FatalError } from "../errors";
import type { Clock } from "./clock";
import type { Cause } from "./machine-watch";

export interface MachineHostOptions<Machine extends AnyStateMachine> {
  /** Names the actor in traces; without it XState counts process-wide. */
  readonly id: string;
  readonly input: InputFrom<Machine>;
  readonly clock: Clock;
  readonly perform: (effect: EmittedFrom<Machine>) => void;
  /** Sees what each step has left, before its effects are performed. */
  readonly watch?: (snapshot: SnapshotFrom<Machine>, cause: Cause<EventFromLogic<Machine>>) => void;
}

export interface MachineHost<Machine extends AnyStateMachine> {
  /** Errors: `FatalError` `machine_failed` when an action threw; the machine is dead then. */
  send(event: EventFromLogic<Machine>): void;
  snapshot(): SnapshotFrom<Machine>;
}

/** Starts `machine` and performs the effects of its first state. */
export function hostMachine<Machine extends AnyStateMachine>(
  machine: Machine,
  { id, input, clock, perform, watch = () => {} }: MachineHostOptions<Machine>,
): MachineHost<Machine> {
  const waiting: EmittedFrom<Machine>[] = [];
  let draining = false;
  let failure: unknown = null;

  const drain = () => {
    if (failure !== null) {
      throw new FatalError("machine_failed", `the ${id} machine failed: ${failure}`, {
        nextStep: "restart the node and report this line",
        cause: failure,
      });
    }
    // A nested step leaves its effects to the loop that is already running.
    if (draining) return;
    draining = true;
    try {
      for (let effect = waiting.shift(); effect !== undefined; effect = waiting.shift()) {
        perform(effect);
      }
    } finally {
      draining = false;
    }
  };

  const options: unknown = {
    id,
    input,
    clock: {
      setTimeout: (step: () => void, delayMs: number) =>
        clock.setTimeout(() => {
          step();
          look("a timer");
          drain();
        }, delayMs),
      clearTimeout: (handle: unknown) => clock.clearTimeout(handle),
    },
  };
  // XState cannot see that a generic machine's options are complete.
  const actor = createActor<AnyStateMachine>(machine, options as ActorOptions<AnyStateMachine>);
  actor.on("*", (effect) => waiting.push(effect as EmittedFrom<Machine>));
  actor.subscribe({
    error: (error) => {
      failure = error;
    },
  });
  const look = (cause: Cause<EventFromLogic<Machine>>) =>
    watch(actor.getSnapshot() as SnapshotFrom<Machine>, cause);
  actor.start();
  look("the start");
  drain();
  return {
    send(event) {
      actor.send(event);
      look(event);
      drain();
    },
    snapshot: () => actor.getSnapshot() as SnapshotFrom<Machine>,
  };
}
