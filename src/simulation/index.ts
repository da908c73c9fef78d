/** The public test kit: see the README beside this file. */
export { Asked, NobodyAnswersError } from "./asked";
export {
  type ClusterOptions,
  NODES_MAX,
  NODES_MIN,
  SimulatedCluster,
  simulatedTiming,
} from "./cluster";
export type { DiskFault, DiskOperation } from "./disk-faults";
export { calmNetwork, type NetworkFaults } from "./network";
export type { SimulatedNode } from "./node";
export type { ClusterObserver, LifeEnd, SentMessage } from "./observer";
export {
  type NodeRef,
  type RequestOptions,
  type Simulation,
  type SimulationOptions,
  simulate,
  type WriteOptions,
} from "./simulation";
export { TraceHash } from "./trace-hash";
export { InvariantViolation } from "./violation";
