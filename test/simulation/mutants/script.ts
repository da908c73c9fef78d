/** A story told to a calm cluster, with every invariant looking on. */

import type { NodeRecipe } from "../../../src/simulation/cluster-parts";
import { calmNetwork } from "../../../src/simulation/network";
import type { SimulatedNode } from "../../../src/simulation/node";
import { Simulation } from "../../../src/simulation/simulation";
import { nodeId } from "../../../src/types";
import { Run } from "../run";
import type { Scenario, Setup, SnapshotSetup } from "../scenario";

/** What a script works with: the kit, and the run for what the kit does not know. */
export interface Stage {
  readonly kit: Simulation;
  readonly run: Run;
  /** A client's read, whose answer is held against the order of the log. */
  read(node: SimulatedNode): void;
}

export interface Script {
  readonly setup?: Partial<Setup>;
  /** How many seeds it may need to hit the moment; 1 where it leaves nothing to chance. */
  readonly seedsMax: number;
  play(stage: Stage): void;
}

/** How long a client waits for its read. Units: ms. */
const READ_TIMEOUT_MS = 2000;

/** No snapshot but those that the script asks for, and each in one chunk. */
const onRequest: SnapshotSetup = {
  entries: 1_000_000,
  intervalMs: 3_600_000,
  logBytesMin: 1_000_000_000,
  blockBytes: 512,
  chunkBytes: 256 * 1024,
  chunksMax: 1,
};

const calmSetup: Setup = {
  nodes: 3,
  keys: ["key"],
  timing: { electionTimeoutMs: 150, heartbeatIntervalMs: 40 },
  network: calmNetwork,
  streams: false,
  syncMsMean: 0.1,
  segmentBytesMax: 16 * 1024,
  snapshots: onRequest,
  kinds: [],
};

/** Plays the script once. Errors: `InvariantViolation`. */
export function playScript(script: Script, seed: string, recipe: Partial<NodeRecipe>): void {
  const setup = { ...calmSetup, ...script.setup };
  const core = Array.from({ length: setup.nodes }, (_, place) => nodeId(place + 1));
  const scenario: Scenario = { seed, setup, durationMs: 0, actions: [], core };
  const run = new Run(scenario, recipe);
  run.cluster.boot();
  let clients = 0;
  const read = (node: SimulatedNode) =>
    run.cluster.act(() => run.clients.read(++clients, node, "key", READ_TIMEOUT_MS));
  script.play({ kit: new Simulation(run.cluster), run, read });
}
