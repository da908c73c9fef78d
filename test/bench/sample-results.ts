/** Results in few words, for tests. */
import type { Facts, Measurement, PeerName, Results } from "../../bench/measurement";

export const facts: Facts = {
  startedAt: "2030-01-02T03:04:05.000Z",
  revision: "abc1234",
  cores: 2,
  processor: "Sample",
  kernel: "6.1",
  memoryBytes: 24 * 1024 ** 3,
  fileSystem: "ext4",
  versions: { bun: "1.4.5", etcd: "3.4.23" },
  rounds: 3,
  isQuick: false,
};

/** Each value is of a round of its own. */
export const measured = (
  scenario: string,
  peer: PeerName,
  variant: string,
  metrics: Readonly<Record<string, readonly number[]>>,
): readonly Measurement[] => {
  const rounds = Math.max(...Object.values(metrics).map(({ length }) => length));
  return Array.from({ length: rounds }, (_, at) => ({
    scenario,
    variant,
    peer,
    round: at + 1,
    metrics: Object.fromEntries(
      Object.entries(metrics).flatMap(([name, values]) => {
        const value = values[at];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  }));
};

export function resultsOf(...measurements: readonly (readonly Measurement[])[]): Results {
  const results: Record<string, { facts: Facts; measurements: Measurement[] }> = {};
  for (const measurement of measurements.flat()) {
    results[measurement.scenario] ??= { facts, measurements: [] };
    results[measurement.scenario]?.measurements.push(measurement);
  }
  return results;
}
