/** A node in a map: the whole handle, faithful in what an API can see, without any Raft. */
import type {
  Backup,
  ClusterStatus,
  ListAnswer,
  ListOptions,
  LogPage,
  Members,
  Metric,
  NodeHandle,
  NodeVitals,
  ReadContext,
  ReadOptions,
} from "../../src/actors/node-handle";
import { encodeCommand } from "../../src/codec/commands";
import { encodeEntry } from "../../src/codec/entries";
import { compacted, overloaded, type RequestError } from "../../src/errors";
import {
  type Command,
  type CommandResult,
  clusterId,
  type EntryDraft,
  foundedBy,
  type KeyValue,
  type LogEntry,
  type LogIndex,
  logIndex,
  type MembershipChange,
  type NodeId,
  nodeId,
  type Revision,
  revision,
  type SnapshotInfo,
  term,
} from "../../src/types";
import { MapMembers } from "./map-members";

const compareBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const sizeOf = ({ key, value }: KeyValue) =>
  key.length + (value.kind === "bytes" ? value.bytes.length : JSON.stringify(value).length);

export class MapNode implements NodeHandle {
  readonly items = new Map<string, KeyValue>();
  readonly entries: LogEntry[] = [];
  /** What was asked of the node, in order. */
  readonly proposed: { readonly command: Command; readonly timeoutMs: number }[] = [];
  readonly reads: ReadOptions[] = [];
  readonly membership = new MapMembers();
  private readonly replays = new Map<string, { fingerprint: string; result: CommandResult }>();
  private revision = 0;

  leaving = false;
  stopping = false;
  /** Thrown by the next and every later request to the node, while set. */
  fault: RequestError | Error | null = null;
  hasRoom = true;
  /** The timeouts of the writes that had to wait for room. */
  readonly waited: number[] = [];
  /** How each of them ends; in vain, unless a test would have it otherwise. */
  room: () => Promise<void> = () => Promise.reject(overloaded("no room"));
  notReady: string | null = null;
  stalenessMs: number | null = 7;
  compactedUpTo = 0;
  leaderKnown = true;
  announced: readonly string[] = ["127.0.0.1:8081", "kv.example:8082"];
  samples: readonly Metric[] = [];
  backupPieces: readonly Uint8Array[] = [];
  /** How often a backup was let go. */
  released = 0;

  vitals(): NodeVitals {
    return {
      id: nodeId(1),
      leaderId: this.leaderKnown ? nodeId(2) : null,
      leaderApiAddress: this.leaderKnown ? "kv.example:8082" : null,
      term: term(this.leaderKnown ? 3 : 0),
      revision: revision(this.revision),
    };
  }

  async propose(command: Command, timeoutMs: number): Promise<CommandResult> {
    this.proposed.push({ command, timeoutMs });
    if (this.fault !== null) throw this.fault;
    const { idempotencyKey, ...rest } = command;
    if (idempotencyKey === null) return this.apply(command);
    const fingerprint = JSON.stringify(rest);
    const first = this.replays.get(idempotencyKey);
    if (first === undefined) {
      const result = this.apply(command);
      this.replays.set(idempotencyKey, { fingerprint, result });
      return result;
    }
    return first.fingerprint === fingerprint
      ? first.result
      : { ...first.result, kind: "idempotencyMismatch" };
  }

  awaitRoom(timeoutMs: number): Promise<void> {
    this.waited.push(timeoutMs);
    return this.room();
  }

  async get(key: string, options: ReadOptions) {
    this.reads.push(options);
    if (this.fault !== null) throw this.fault;
    return { ...this.context(), item: this.items.get(key) ?? null };
  }

  async list(options: ListOptions): Promise<ListAnswer> {
    this.reads.push(options);
    if (this.fault !== null) throw this.fault;
    const { prefix, after, limit, bytesMax } = options;
    const matching = [...this.items.values()]
      .filter(
        ({ key }) => key.startsWith(prefix) && (after === null || compareBytes(key, after) > 0),
      )
      .sort((a, b) => compareBytes(a.key, b.key));
    const page: KeyValue[] = [];
    let bytes = 0;
    for (const item of matching.slice(0, limit)) {
      bytes += sizeOf(item);
      if (page.length > 0 && bytes > bytesMax) break;
      page.push(item);
    }
    return { ...this.context(), items: page, more: page.length < matching.length };
  }

  log(wanted: LogIndex | null, limit: number): LogPage {
    const from = wanted ?? logIndex(this.compactedUpTo + 1);
    if (from <= this.compactedUpTo) throw compacted(`entries up to ${this.compactedUpTo} are gone`);
    const entries = this.entries.filter(({ index }) => index >= from).slice(0, limit);
    return { from, entries, commitIndex: logIndex(this.entries.length) };
  }

  async takeSnapshot(): Promise<SnapshotInfo> {
    if (this.fault !== null) throw this.fault;
    return { lastIndex: logIndex(8), lastTerm: term(3), byteLength: 1234, checksum: 5 };
  }

  async backup(): Promise<Backup> {
    if (this.fault !== null) throw this.fault;
    const pieces = this.backupPieces[Symbol.iterator]();
    const release = () => {
      this.released++;
    };
    return { revision: revision(this.revision), lastIndex: logIndex(8), pieces, release };
  }

  async members(timeoutMs: number): Promise<Members> {
    return this.membership.view(this.leaderKnown, timeoutMs);
  }

  async changeMembers(change: MembershipChange, timeoutMs: number) {
    if (this.fault !== null) throw this.fault;
    return this.membership.change(change, timeoutMs);
  }

  async memberSettled(id: NodeId, timeoutMs: number): Promise<boolean> {
    return this.membership.settled(id, timeoutMs);
  }

  async transferLeadership(to: NodeId | null): Promise<NodeId> {
    if (this.fault !== null) throw this.fault;
    return this.membership.successor(to);
  }

  async status(): Promise<ClusterStatus> {
    const heard = { healthy: true, voter: true, term: term(3), lastContactMs: 0 };
    const indexes = {
      commitIndex: logIndex(9),
      appliedIndex: logIndex(8),
      lastLogIndex: logIndex(10),
      snapshotIndex: null,
      installing: null,
    };
    return {
      clusterId: clusterId("c0ffee"),
      term: term(3),
      leaderId: this.leaderKnown ? nodeId(2) : null,
      quorum: { voters: 2, needed: 2, reachable: 1 },
      nodes: [
        {
          id: nodeId(1),
          apiAddress: "127.0.0.1:8081",
          peerAddress: "127.0.0.1:9081",
          role: "Follower",
          ...heard,
          ...indexes,
        },
        {
          id: nodeId(2),
          apiAddress: null,
          peerAddress: "127.0.0.1:9082",
          role: null,
          healthy: false,
          voter: true,
          term: null,
          commitIndex: null,
          appliedIndex: null,
          lastLogIndex: null,
          snapshotIndex: null,
          installing: null,
          lastContactMs: null,
        },
      ],
    };
  }

  unreadiness = () => this.notReady;
  metrics = () => this.samples;
  announcedApiAddresses = () => this.announced;

  /** Appends an entry that no client asked for. */
  appendEntry(kind: "noop" | "configuration"): void {
    this.append(kind === "noop" ? { kind } : { kind, configuration: foundedBy([]) });
  }

  private context(): ReadContext {
    return { revision: revision(this.revision), stalenessMs: this.stalenessMs };
  }

  private append(draft: EntryDraft): LogIndex {
    const index = logIndex(this.entries.length + 1);
    this.entries.push(encodeEntry(draft, { index, term: term(3), timeMs: 0 }));
    return index;
  }

  private apply(command: Command): CommandResult {
    const index = this.append({ kind: "command", command: encodeCommand(command) });
    const { key, condition } = command;
    const present = this.items.get(key);
    const modRevision: Revision = present?.modRevision ?? revision(0);
    const expected = condition?.kind === "revisionIs" ? condition.revision : 0;
    const decision = () => ({ revision: revision(this.revision), term: term(3), index });
    if (condition !== null && expected !== modRevision) {
      return { kind: "preconditionFailed", modRevision, ...decision() };
    }
    if (command.op === "delete") {
      const deleted = this.items.delete(key);
      if (deleted) this.revision++;
      return { kind: "deleted", deleted, ...decision() };
    }
    const at = revision(++this.revision);
    const createRevision = present?.createRevision ?? at;
    const version = (present?.version ?? 0) + 1;
    this.items.set(key, { key, value: command.value, createRevision, modRevision: at, version });
    return { kind: "set", ...decision() };
  }
}
