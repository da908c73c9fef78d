/** A node that was recovered alone, and others of its cluster that live on unbeknown to it. */
import { expect, test } from "bun:test";
import { logIndex, nodeId } from "../../src/types";
import { MachineDriver } from "./machine-driver";
import { appendEntries, diskOf, entriesFrom, hardState, logOf, votersUpTo } from "./raft-words";

/** Node 1 was down while 3 was replaced by 4; then it was recovered, and knows nothing of 4. */
const recovered = () => {
  const before = votersUpTo(3);
  const removed = [2, 3].map((id) => ({ id: nodeId(id), diskId: diskOf(id) }));
  const after = { voters: before.voters.slice(0, 1), learners: [], removed };
  return new MachineDriver({
    id: 1,
    voters: before,
    log: logOf(1, 1, 1, 3, 4, 4, 4, 4),
    commitIndex: 8,
    hardState: hardState(4, 1),
    configurations: [
      { index: logIndex(0), configuration: before },
      { index: logIndex(4), configuration: after },
    ],
  });
};

test("a node that is its cluster follows no leader that it never added", () => {
  const node = recovered();
  node.persisted(5, 1);
  node.receive(
    4,
    appendEntries({ term: 11, prev: [8, 7], entries: entriesFrom(9, 7, 11), commit: 10 }),
  );
  node.written(10);
  expect(node.context.commitIndex as number).toBe(8);
});
