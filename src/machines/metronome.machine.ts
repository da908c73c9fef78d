/**
 * Beats: tells its parent the same event every interval, until it is stopped. The leader keeps two,
 * so that its own chart says what it does and not when.
 */
import { sendParent, setup } from "xstate";

export interface MetronomeInput {
  readonly intervalMs: number;
  /** What the parent is told. */
  readonly beat: { readonly type: string };
}

export const metronomeMachine = setup({
  types: { context: {} as MetronomeInput, input: {} as MetronomeInput },
  actions: { beat: sendParent(({ context }) => context.beat) },
  delays: { interval: ({ context }) => context.intervalMs },
}).createMachine({
  id: "metronome",
  context: ({ input }) => input,
  initial: "beating",
  states: {
    beating: {
      after: { interval: { target: "beating", reenter: true, actions: "beat" } },
    },
  },
});
