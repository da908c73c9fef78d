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
};
