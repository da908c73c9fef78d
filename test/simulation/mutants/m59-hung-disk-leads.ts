import { majority } from "../../../src/machines/quorum";
import { votersOf } from "../../../src/machines/raft/context";
import type { Mutant } from "./mutant";

export const hungDiskLeads: Mutant = {
  id: "M59",
  bug: "A leader whose disk hangs still counts itself when it looks for a majority.",
  source: "hashicorp/raft#503, tarantool/tarantool#12292",
  caughtBy: ["L office"],
  guards: {
    hasHeardQuorum: ({ context }) => {
      const voters = votersOf(context);
      const heard = voters.filter(
        ({ id }) => id === context.id || context.leadership?.heard.has(id) === true,
      );
      return heard.length >= majority(voters.length);
    },
  },
  // The two others are whole and hear each other; one of them hears the leader, too.
  script: {
    seedsMax: 1,
    play({ kit, run }) {
      const leader = kit.leader();
      const [near, far] = kit.nodes.filter(({ id }) => id !== leader.id);
      if (near === undefined || far === undefined) throw new Error("three nodes");
      leader.disk.syncDelayMs = () => null;
      kit.cut(leader, far);
      kit.cut(far, leader);
      kit.set("key", "never durable on two disks", { on: near });
      kit.run(10_000);
      if (kit.leader().id !== leader.id) return;
      run.cluster.violate("L office", `node ${leader.id} leads with a disk that hangs`);
    },
  },
};
