/** An observatory on a node that is never looked at, which an API wants to have. */
import { Observatory } from "../../src/observe/observatory";
import { clusterId, diskId, foundedBy, incarnation, logIndex, nodeId, term } from "../../src/types";

export const stillObservatory = new Observatory({
  identity: {
    nodeId: nodeId(1),
    clusterId: clusterId("micro"),
    diskId: diskId("disk"),
    incarnation: incarnation(1),
    founders: foundedBy([]),
    restoredFrom: null,
    listen: null,
    configured: null,
  },
  recovered: {
    hardState: { term: term(0), votedFor: null },
    snapshot: null,
    base: { index: logIndex(0), term: term(0) },
    entries: [],
    commitIndex: logIndex(0),
    forgottenUpTo: null,
    trimmed: null,
    damagedSnapshots: [],
  },
  files: null,
  clock: {
    nowMs: () => 0,
    wallMs: () => 0,
    setTimeout: () => null,
    clearTimeout: () => {},
    defer: () => {},
  },
  logger: () => {},
  look: () => {
    throw new Error("nobody looks at it");
  },
});
