import { appendRun, emptyLogShape } from "../machines/log-shape";
import type { ConfigurationEntry, RaftInput, RaftTiming } from "../machines/raft/vocabulary";
import { defaultWindow } from "../machines/replicator.machine";
import type { EntrySummary, Identity, Recovered } from "../store/ports";
import { logIndex } from "../types";

export interface RaftInputOptions {
  readonly identity: Identity;
  readonly recovered: Recovered;
  readonly timing: RaftTiming;
}

/** What the chart starts from: hard state and log, never a remembered machine state. */
export function raftInput({ identity, recovered, timing }: RaftInputOptions): RaftInput {
  const { diskId, founders, incarnation, nodeId } = identity;
  const founding: ConfigurationEntry = { index: logIndex(0), configuration: founders };
  const later = recovered.entries.flatMap(({ index, configuration }) =>
    configuration === null ? [] : [{ index, configuration }],
  );
  return {
    id: nodeId,
    diskId,
    timing,
    window: defaultWindow,
    // Two nodes, or two starts of one, must not draw the same timeouts (M13).
    seed: `${diskId}/${nodeId}/${incarnation}`,
    hardState: recovered.hardState,
    log: shapeOf(recovered.entries),
    configurations: [founding, ...later],
    commitIndex: recovered.commitIndex,
    forgotten:
      recovered.forgottenUpTo === null
        ? null
        : { upTo: recovered.forgottenUpTo, inTerm: recovered.hardState.term },
  };
}

function shapeOf(entries: readonly EntrySummary[]) {
  let shape = emptyLogShape;
  let run: EntrySummary[] = [];
  const closeRun = () => {
    const first = run[0];
    if (first === undefined) return;
    shape = appendRun(shape, { term: first.term, byteLengths: run.map((e) => e.byteLength) });
    run = [];
  };
  for (const entry of entries) {
    if (run[0] !== undefined && run[0].term !== entry.term) closeRun();
    run.push(entry);
  }
  closeRun();
  return shape;
}
