import type { LogPage } from "../../../src/actors/node-handle";
import { RequestError } from "../../../src/errors";
import { chainOf } from "../../../src/simulation/log-witness";
import { indexPlus, logIndex } from "../../../src/types";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  /** Where the page begins, as a share of what the node has applied. */
  readonly share: number;
  readonly limit: number;
}

const NAME = "I8 committed entries only";

/**
 * A client looks at a node's log: it is shown the committed entries, and nothing else; and is told
 * so where they are compacted.
 */
export const readLog: ActionKind<Params> = {
  name: "readLog",
  group: "command",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    share: random.next(),
    limit: random.pick([1, 3, 1000]),
  }),
  perform(run, { node, share, limit }) {
    const { cluster, ghost } = run;
    const asked = run.target(node);
    const { actor } = asked.running ?? {};
    if (actor === undefined || asked.isPaused) return;
    const from = logIndex(1 + Math.floor(share * actor.appliedIndex));
    const isCompacted = from <= (asked.running?.log.baseIndex ?? 0);
    const page = pageOf(() => actor.handle.log(from, limit));
    if (isCompacted !== (page === "compacted")) {
      cluster.violate(NAME, `node ${asked.id} is wrong about where its log begins`);
    }
    if (page === "compacted") return;
    const { commitIndex, entries } = page;
    const isMissing = from <= commitIndex && entries.length === 0;
    if (isMissing || entries.length > limit || commitIndex > ghost.committedIndex) {
      cluster.violate(NAME, `node ${asked.id} shows ${entries.length} entries from ${from} on`);
    }
    entries.forEach((entry, place) => {
      const index = indexPlus(from, place);
      const before = ghost.committedChain(indexPlus(index, -1)) ?? Number.NaN;
      if (entry.index === index && chainOf(before, entry) === ghost.committedChain(index)) return;
      cluster.violate(NAME, `node ${asked.id} shows another entry ${index} for the committed one`);
    });
  },
};

function pageOf(ask: () => LogPage): LogPage | "compacted" {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RequestError && error.code === "compacted") return "compacted";
    throw error;
  }
}
