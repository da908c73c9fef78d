import type { ActionKind } from "../scenario";

interface Params {
  /** From the election on. Units: ms. */
  readonly afterMs: number;
  readonly ms: number;
}

/**
 * Whoever is elected next is cut off from all others at once, with its first entry, which is a
 * configuration in a young cluster: they elect another, and the entry must go.
 */
export const isolateElected: ActionKind<Params> = {
  name: "isolateElected",
  group: "fault",
  draw: (random, { setup }) => ({
    afterMs: random.chance(0.5) ? 0 : random.whole(1, 10),
    ms: setup.timing.electionTimeoutMs * random.whole(3, 8),
  }),
  perform(run, { afterMs, ms }) {
    const { network, nodes } = run.cluster;
    run.whenElected(({ id }) => {
      run.later(afterMs, () => {
        const others = nodes.filter((node) => node.id !== id).map((node) => node.id);
        network.partition([[id], others]);
        run.later(ms, () => network.heal());
      });
    });
  },
};
