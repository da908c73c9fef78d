import { nodeId } from "../../../src/types";
import type { ActionKind } from "../scenario";

interface Params {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/** One direction gathers what is sent and delivers all of it at once. */
export const clog: ActionKind<Params> = {
  name: "clog",
  group: "fault",
  draw: (random, { setup }) => ({
    from: random.whole(1, setup.nodes),
    to: random.whole(1, setup.nodes),
    ms: random.whole(10, 1500),
  }),
  perform(run, { from, to, ms }) {
    run.cluster.network.clog(nodeId(from), nodeId(to), ms);
  },
};
