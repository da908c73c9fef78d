/**
 * Three whole nodes in one process, on the simulator's clock, network and disks: everything but
 * HTTP and the kernel, and the simulator's own watchfulness besides. The disks sync in no time.
 */
import { simulate } from "../../../src/simulation/index";
import type { MicroBenchmark } from "../micro-benchmark";
import { setCommand } from "../sample-data";

const BATCHES = 10;

const written = (size: number): MicroBenchmark => ({
  name: `cluster: a write of ${size} at once, on all three nodes`,
  operations: BATCHES * size,
  prepare() {
    const simulation = simulate({ seed: 1, nodes: 3 });
    const leader = simulation.leader();
    simulation.run(200);
    let key = 0;
    return () => {
      for (let batch = 0; batch < BATCHES; batch++) {
        const asked = Array.from({ length: size }, () =>
          simulation.submit(setCommand(key++), { on: leader }),
        );
        for (const each of asked) each.wait();
      }
    };
  },
});

export default [written(1), written(64)];
