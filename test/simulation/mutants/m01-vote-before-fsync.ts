import { DelegatingPatientLog } from "../../../src/simulation/delegating-log";
import type { HardState } from "../../../src/types";
import type { Mutant } from "./mutant";

export const voteBeforeFsync: Mutant = {
  id: "M01",
  bug: "Votes leave before term and vote are on disk.",
  source: "valkey-io/valkey#3887, robustmq/robustmq#2039",
  caughtBy: ["I2"],
  ports: (ran) => ({
    wrapLog: (log) =>
      new (class extends DelegatingPatientLog {
        override persistHardState(hardState: HardState, done: () => void): void {
          ran();
          this.log.persistHardState(hardState, () => {});
          done();
        }
      })(log),
  }),
};
