import { DelegatingPatientLog } from "../../../src/simulation/delegating-log";
import type { LogStore } from "../../../src/store/ports";
import { indexPlus } from "../../../src/types";
import type { Mutant } from "./mutant";

export const tailKept: Mutant = {
  id: "M20",
  bug: "A conflict is overwritten, and what lies behind it stays.",
  source: "mofa-org/mofa#1150",
  caughtBy: ["I5"],
  ports: (ran) => ({
    wrapLog: (log) =>
      new (class extends DelegatingPatientLog {
        override append(...[entries, options]: Parameters<LogStore["append"]>): void {
          const next = indexPlus(entries.at(-1)?.index ?? this.log.lastIndex, 1);
          const { lastIndex } = this.log;
          const isOverwriting = next <= lastIndex;
          if (isOverwriting) ran();
          const tail = isOverwriting ? this.log.read(next, lastIndex, Number.MAX_SAFE_INTEGER) : [];
          this.log.append([...entries, ...tail], options);
        }
      })(log),
  }),
  // The old leader has more entries that nobody else has than its successor writes.
  script: {
    seedsMax: 3,
    play({ kit }) {
      const old = kit.leader();
      kit.run(1000);
      kit.isolate(old);
      for (let count = 0; count < 10; count++) kit.set("key", `lost-${count}`, { on: old });
      kit.leader({ except: [old] });
      kit.heal();
      kit.run(1000);
    },
  },
};
