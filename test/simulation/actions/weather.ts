import type { NetworkFaults } from "../../../src/simulation/network";
import type { ActionKind } from "../scenario";

interface Params {
  readonly faults: NetworkFaults;
  readonly ms: number;
}

/** For a while the network delays, drops, repeats and reorders as never before. */
export const weather: ActionKind<Params> = {
  name: "weather",
  group: "fault",
  draw: (random) => ({
    faults: {
      delayMsMean: random.pick([0.1, 5, 30, 120]),
      dropProbability: random.chance(0.5) ? random.between(0, 0.3) : 0,
      repeatProbability: random.chance(0.5) ? random.between(0, 0.5) : 0,
      repeatDelayMsMax: random.pick([10, 1000, 60_000]),
      keepsOrder: random.chance(0.5),
      silenceMsMax: 3000,
      chunkBytesMax: random.pick([64 * 1024, 300, 20]),
      sendBufferBytesMax: random.pick([64 * 1024, 1000, 100]),
    },
    ms: random.whole(100, 5000),
  }),
  perform(run, { faults, ms }) {
    run.cluster.network.faults = faults;
    run.later(ms, () => {
      run.cluster.network.faults = run.scenario.setup.network;
    });
  },
};
