import type { ActionKind } from "../scenario";

interface Params {
  /** Which of those who were removed, counted round. */
  readonly which: number;
  readonly isWiped: boolean;
}

/** A node that was removed starts again, perhaps on a blank disk: it must be told, and stop. */
export const comeBack: ActionKind<Params> = {
  name: "comeBack",
  group: "churn",
  draw: (random) => ({ which: random.whole(0, 5), isWiped: random.chance(0.3) }),
  perform(run, { which, isWiped }) {
    const removed = run.configuration.removed.map(({ id }) => run.cluster.node(id));
    const node = removed[which % Math.max(1, removed.length)];
    if (!node) return;
    if (isWiped) {
      if (!run.allowWipe(node)) return;
      node.wipe();
    }
    node.boot();
  },
};
