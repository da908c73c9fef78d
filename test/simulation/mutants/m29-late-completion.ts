import type { Mutant } from "./mutant";

export const lateCompletion: Mutant = {
  id: "M29",
  bug: "A late completion of overwritten entries marks those in their place as durable.",
  source: "etcd-io/raft testdata/async_storage_writes_append_aba_race.txt, openraft@2af491fb",
  caughtBy: ["I11", "I10", "I16", "I7"],
  guards: { isOverwritten: () => false },
  // The old leader's disk is slow over entries that its successor replaces.
  script: {
    seedsMax: 5,
    play({ kit, run }) {
      const old = kit.leader();
      kit.run(1000);
      kit.isolate(old);
      old.disk.syncDelayMs = () => 1200;
      for (let count = 0; count < 5; count++) kit.set("key", `lost-${count}`, { on: old });
      const next = kit.leader({ except: [old] });
      kit.heal();
      for (let count = 0; count < 3; count++) kit.set("key", `kept-${count}`, { on: next }).wait();
      kit.run(2000);
      run.useOwnDisk(old);
    },
  },
};
