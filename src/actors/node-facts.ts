/** Facts of a node that people and programs look at. */
import { compacted } from "../errors";
import type { NodeReport } from "../messages";
import type { LogStore } from "../store/ports";
import type { LogEntry, LogIndex, Revision } from "../types";
import { indexPlus, logIndex } from "../types";
import type { LogPage, Metric } from "./node-handle";
import type { RaftHost } from "./raft-host";
import type { LinkStatus } from "./transport";

export interface LogPageOptions {
  readonly log: LogStore;
  /** null for the first there is. */
  readonly from: LogIndex | null;
  readonly limit: number;
  /** Entries up to here are compacted. */
  readonly baseIndex: LogIndex;
  /** The last entry that may be shown: nothing uncommitted is. */
  readonly lastIndex: LogIndex;
  readonly pageBytes: number;
}

/** Committed entries `from…`, at most `limit` and about one page of bytes. Errors: `compacted`. */
export function logPage(options: LogPageOptions): LogPage {
  const { baseIndex, lastIndex, limit, log, pageBytes } = options;
  const first = indexPlus(baseIndex, 1);
  const from = options.from ?? first;
  if (from < first) throw compacted(`the log of this node begins at index ${first}`);
  const last = logIndex(Math.min(lastIndex, indexPlus(from, limit - 1)));
  const entries: readonly LogEntry[] = last < from ? [] : log.read(from, last, pageBytes);
  return { from, entries, commitIndex: lastIndex };
}

/** What a node reports of itself, to others and to its clients. */
export function nodeReport(
  { context, role }: Pick<RaftHost, "context" | "role">,
  appliedIndex: LogIndex,
): NodeReport {
  const { commitIndex, currentTerm, log, receiving, snapshot } = context;
  return {
    role,
    term: currentTerm,
    commitIndex,
    appliedIndex,
    lastLogIndex: log.lastIndex,
    snapshotIndex: snapshot?.lastIndex ?? null,
    installing: receiving && {
      snapshotIndex: receiving.snapshot.lastIndex,
      receivedBytes: receiving.receivedBytes,
      totalBytes: receiving.snapshot.byteLength,
    },
  };
}

export interface MetricSources {
  readonly report: NodeReport;
  readonly revision: Revision;
  readonly keys: number;
  readonly log: LogStore;
  /** Entries up to here are compacted. */
  readonly baseIndex: LogIndex;
  readonly links: readonly LinkStatus[];
  readonly writesUnderWay: number;
  readonly writesWaiting: number;
  readonly reachable: number;
}

export function nodeMetrics(sources: MetricSources): readonly Metric[] {
  const { report, log } = sources;
  const links = sources.links.map(({ peer, state }) => ({
    labels: { peer: String(peer) },
    value: state === "open" ? 1 : 0,
  }));
  return [
    gauge("balsa_is_leader", "1 while this node leads", report.role === "Leader" ? 1 : 0),
    gauge("balsa_term", "Current Raft term", report.term),
    gauge("balsa_commit_index", "Last committed log index", report.commitIndex),
    gauge("balsa_applied_index", "Last applied log index", report.appliedIndex),
    gauge("balsa_last_log_index", "Last log index", report.lastLogIndex),
    gauge("balsa_durable_index", "Last log index on this disk", log.durableIndex),
    gauge("balsa_log_base_index", "Last log index that was compacted away", sources.baseIndex),
    gauge(
      "balsa_snapshot_index",
      "Last log index of the newest snapshot",
      report.snapshotIndex ?? 0,
    ),
    gauge("balsa_revision", "Effective mutations of the store", sources.revision),
    gauge("balsa_keys", "Keys in the store", sources.keys),
    gauge("balsa_writes_under_way", "Writes not yet decided", sources.writesUnderWay),
    gauge("balsa_writes_waiting", "Writes that wait for room", sources.writesWaiting),
    gauge("balsa_voters_reachable", "Voters heard from lately, itself included", sources.reachable),
    gauge("balsa_disk_has_room", "0 while the disk reserve is in use", log.hasRoom ? 1 : 0),
    {
      name: "balsa_link_open",
      help: "1 while the link to the peer is open",
      type: "gauge",
      samples: links,
    },
    counter("balsa_log_bytes_written_total", "Bytes appended to the log", log.bytesWritten),
    counter("balsa_log_syncs_total", "Data syncs of the log", log.syncs),
  ];
}

const gauge = (name: string, help: string, value: number): Metric => ({
  name,
  help,
  type: "gauge",
  samples: [{ labels: {}, value }],
});

const counter = (name: string, help: string, value: number): Metric => ({
  name,
  help,
  type: "counter",
  samples: [{ labels: {}, value }],
});
