import { appendRun, shapeBehind } from "../machines/log-shape";
import type { RaftInput, RaftTiming } from "../machines/raft/vocabulary";
import type { EntrySummary, Identity, Recovered } from "../store/ports";
import { type Address, type ConfigurationEntry, logIndex } from "../types";
import type { NodeLimits } from "./limits";

export interface RaftInputOptions {
  /** Where this node announces that it is; null where the configuration knows. */
  readonly peerAddress: Address | null;
  readonly identity: Identity;
  readonly recovered: Recovered;
  readonly timing: RaftTiming;
  readonly limits: Pick<NodeLimits, "window">;
}

/** What the chart starts from: hard state and log, never a remembered machine state. */
export function raftInput(options: RaftInputOptions): RaftInput {
  const { identity, limits, peerAddress, recovered, timing } = options;
  const { diskId, founders, incarnation, nodeId } = identity;
  const { commitIndex, forgottenUpTo, hardState, snapshot } = recovered;
  const first: ConfigurationEntry = snapshot?.configuration ?? {
    index: logIndex(0),
    configuration: founders,
  };
  const later = recovered.entries.flatMap(({ index, configuration }) =>
    configuration === null || index <= first.index ? [] : [{ index, configuration }],
  );
  return {
    id: nodeId,
    diskId,
    peerAddress,
    timing,
    window: limits.window,
    // Two nodes, or two starts of one, must not draw the same timeouts (M13).
    seed: `${diskId}/${nodeId}/${incarnation}`,
    hardState,
    log: shapeOf(recovered),
    configurations: [first, ...later],
    // "A snapshot stands for committed entries alone" (Raft §7).
    commitIndex: logIndex(Math.max(commitIndex, snapshot?.info.lastIndex ?? 0)),
    forgotten: forgottenUpTo === null ? null : { upTo: forgottenUpTo, inTerm: hardState.term },
    snapshot: snapshot?.info ?? null,
  };
}

function shapeOf({ base, entries }: Recovered) {
  let shape = shapeBehind({ lastIndex: base.index, lastTerm: base.term });
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
