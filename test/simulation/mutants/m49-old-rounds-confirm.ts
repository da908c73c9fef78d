import { recordReply } from "../../../src/machines/raft/rules/replication";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { Simulation } from "../../../src/simulation/simulation";
import { type Mutant, ruleOn } from "./mutant";

export const oldRoundsConfirm: Mutant = {
  id: "M49",
  bug: "An answer to an old heartbeat confirms a read that came after it.",
  source: "etcd-io/etcd#20418, etcd-io/raft#397",
  caughtBy: ["I15 read rounds", "I14 I15"],
  actions: {
    recordReply: ruleOn(["AppendEntriesReply"], (context, event) => {
      const round = context.leadership?.round ?? 0;
      return recordReply(context, { ...event, message: { ...event.message, round } });
    }),
  },
  // The old leader hears nothing but the answers to what it sent while it still led.
  script: {
    seedsMax: 40,
    play({ kit, run, read }) {
      const old = kit.leader();
      kit.run(1000);
      for (const { id } of kit.others(old)) run.cluster.network.clog(id, old.id, CLOG_MS);
      kit.run(run.scenario.setup.timing.heartbeatIntervalMs);
      for (const { id } of kit.others(old)) kit.cut(old, id);
      run.cluster.runUntil(() => hasRival(kit, old), CLOG_MS);
      read(old);
      kit.run(1000);
    },
  },
};

/** Longer than an election takes, and not so long that the old leader has given up. Units: ms. */
const CLOG_MS = 180;

const hasRival = (kit: Simulation, old: SimulatedNode): boolean =>
  kit.others(old).some(({ running }) => {
    const context = running?.actor.raft.context;
    return !!context?.leadership && context.commitIndex >= context.leadership.firstIndex;
  });
