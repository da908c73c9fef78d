import type { ActionKind } from "../scenario";

interface Params {
  readonly how: "kill" | "losePower";
  readonly downMs: number;
}

/** Everybody dies at once: what was answered must be on the disks. */
export const crashAll: ActionKind<Params> = {
  name: "crashAll",
  group: "fault",
  draw: (random) => ({
    how: random.chance(0.2) ? "kill" : "losePower",
    downMs: random.whole(1, 500),
  }),
  perform(run, { how, downMs }) {
    for (const node of run.cluster.nodes) {
      if (node.running) node[how]();
      run.later(downMs, () => node.boot());
    }
  },
};
