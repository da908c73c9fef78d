import { stranger } from "../actions/stranger";
import type { Mutant } from "./mutant";

export const foreignCluster: Mutant = {
  id: "M40",
  bug: "Nodes of a foreign cluster are let in.",
  source: "cockroachdb/cockroach#37907, moby/swarmkit#1148",
  caughtBy: ["I18"],
  ports: (ran) => ({
    wrapTransport: (transport) => ({
      ...transport,
      start: (handlers) =>
        transport.start({
          ...handlers,
          judge(hello) {
            const refusal = handlers.judge(hello);
            if (refusal?.code !== "foreign_cluster") return refusal;
            ran();
            return null;
          },
        }),
    }),
  }),
  script: {
    seedsMax: 1,
    play({ kit, run }) {
      const { id } = kit.leader();
      kit.run(1000);
      run.cluster.act(() => stranger.perform(run, { node: id, who: "ofAnotherCluster" }, 0));
    },
  },
};
