import { encodeEntry } from "../../../src/codec/entries";
import { DelegatingPatientLog } from "../../../src/simulation/delegating-log";
import type { LogStore } from "../../../src/store/ports";
import type { Mutant } from "./mutant";

/** Which append fails. */
const FAILING = 4;

export const indexReused: Mutant = {
  id: "M26",
  bug: "A leader whose disk failed uses the same index and term for another payload.",
  source: "canonical/raft#320",
  caughtBy: ["I5"],
  ports: (ran) => ({
    wrapLog: (log, node) => {
      let appends = 0;
      return new (class extends DelegatingPatientLog {
        override append(...[entries, options]: Parameters<LogStore["append"]>): void {
          this.log.append(entries, options);
          const isLeader = node.running?.actor.raft.context.leadership !== null;
          if (!isLeader || ++appends !== FAILING) return;
          ran();
          const others = entries.map(({ index, term, timeMs }) =>
            encodeEntry({ kind: "noop" }, { index, term, timeMs: timeMs + 1 }),
          );
          this.log.append(others, options);
        }
      })(log);
    },
  }),
  script: {
    seedsMax: 1,
    play({ kit }) {
      kit.leader();
      for (let count = 0; count < 2 * FAILING; count++) kit.set("key", `v${count}`).wait();
    },
  },
};
