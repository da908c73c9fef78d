import { nodeId } from "../../../src/types";
import type { ActionKind } from "../scenario";

interface Params {
  readonly from: number;
  readonly to: number;
}

/** One connection breaks, with whatever was on its way. */
export const resetLink: ActionKind<Params> = {
  name: "resetLink",
  group: "fault",
  draw(random, { setup }) {
    return { from: random.whole(1, setup.nodes), to: random.whole(1, setup.nodes) };
  },
  perform(run, { from, to }) {
    run.cluster.network.reset(nodeId(from), nodeId(to));
  },
};
