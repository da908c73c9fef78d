/** A node that has the answer at once: what is left is the cost of HTTP. */
import type { NodeHandle } from "../../src/actors/node-handle";
import { clusterId, logIndex, nodeId, revision, term } from "../../src/types";
import { keyAt, setCommand } from "./sample-data";

const command = setCommand(0);
const item = {
  key: keyAt(0),
  value: command.op === "set" ? command.value : { kind: "text" as const, text: "" },
  createRevision: revision(1),
  modRevision: revision(1),
  version: 1,
};
const vitals = {
  id: nodeId(1),
  leaderId: nodeId(1),
  leaderApiAddress: "localhost",
  term: term(1),
  revision: revision(1),
};
const unasked = () => {
  throw new Error(`nobody asks that of ${clusterId("micro")}`);
};

export const nodeThatAnswers: NodeHandle = {
  vitals: () => vitals,
  hasRoom: true,
  awaitRoom: unasked,
  propose: async () => ({
    kind: "set",
    revision: revision(1),
    term: term(1),
    index: logIndex(1),
  }),
  get: async (key) => ({ item: { ...item, key }, revision: revision(1), stalenessMs: null }),
  unreadiness: () => null,
  metrics: () => [],
  announcedApiAddresses: () => [],
  leaving: false,
  stopping: false,
  list: unasked,
  log: unasked,
  status: unasked,
  takeSnapshot: unasked,
  backup: unasked,
  members: unasked,
  changeMembers: unasked,
  memberSettled: unasked,
  transferLeadership: unasked,
};
