import type { Hello } from "../../src/messages";
import { clusterId, diskId, incarnation, logIndex, nodeId, term } from "../../src/types";

/** A complete greeting of node `id`. */
export const helloOf = (id: number, differences: Partial<Hello> = {}): Hello => ({
  protocolVersion: 1,
  clusterId: clusterId("c0ffee"),
  nodeId: nodeId(id),
  diskId: diskId(`d15c${id}`),
  incarnation: incarnation(1),
  apiAddress: `127.0.0.1:808${id}`,
  lastLogIndex: logIndex(0),
  lastLogTerm: term(0),
  peerAddress: null,
  configuredAddress: null,
  ...differences,
});
