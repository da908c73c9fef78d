/** The machine's types and child actors; rules bind to it, `setup.ts` completes it. */
import { setup } from "xstate";
import { metronomeMachine } from "../metronome.machine";
import { replicatorMachine } from "../replicator.machine";
import type { RaftContext, RaftEffect, RaftEvent, RaftInput } from "./vocabulary";

export const base = setup({
  types: {
    context: {} as RaftContext,
    events: {} as RaftEvent,
    emitted: {} as RaftEffect,
    input: {} as RaftInput,
  },
  actors: { replicator: replicatorMachine, metronome: metronomeMachine },
});

/** The child that replicates to `peer`. */
export const replicatorId = (peer: number): string => `replicator-${peer}`;
