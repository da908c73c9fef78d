import { trustedDisk } from "../../../src/machines/raft/context";
import type { Mutant } from "./mutant";
import { stableTerms } from "./stable-terms";

export const removedHeard: Mutant = {
  id: "M10",
  bug: "A server that was removed is let in and heard, and disturbs those who go on.",
  source: "logcabin/logcabin#56, hashicorp/raft#524",
  caughtBy: ["I18", "L stable terms", "L departures"],
  guards: {
    isStranger: ({ context, event }) => {
      if (event.type !== "received" || event.from === context.id) return event.type === "received";
      const trusted = trustedDisk(context, event.from);
      if (trusted !== null && trusted !== event.diskId) return true;
      return event.incarnation < (context.peers.get(event.from)?.incarnation ?? 0);
    },
  },
  ports: (ran) => ({
    wrapTransport: (transport) => ({
      ...transport,
      disconnect: () => {},
      start: (handlers) =>
        transport.start({
          ...handlers,
          judge(hello) {
            const refusal = handlers.judge(hello);
            if (refusal?.code !== "removed") return refusal;
            ran();
            return null;
          },
        }),
    }),
  }),
  // It is cut off while it is removed.
  script: {
    seedsMax: 3,
    play(stage) {
      const { kit } = stage;
      const leader = kit.leader();
      kit.run(1000);
      const [gone] = kit.others(leader);
      if (gone === undefined) throw new Error("three nodes");
      kit.isolate(gone);
      kit.removeMember(gone, { on: leader }).wait();
      kit.run(1000);
      kit.heal();
      stableTerms(stage, 3000);
    },
  },
};
