/** What arrives on the links: Raft's messages to the chart, requests to whom they concern. */
import { decodeCommand } from "../codec/commands";
import { decodePeerMessage, encodePeerMessage } from "../codec/messages";
import type { RequestError } from "../errors";
import { isStranger } from "../machines/raft/context";
import type { RaftContext } from "../machines/raft/vocabulary";
import type {
  AppendEntries,
  Hello,
  NodeReport,
  PeerAnswer,
  PeerRequest,
  RaftMessage,
} from "../messages";
import type { PatientLogStore } from "../store/ports";
import type { NodeId } from "../types";
import type { Applier } from "./applier";
import type { ClusterView } from "./cluster-view";
import type { Gate } from "./gate";
import type { MemberChanges } from "./member-changes";
import type { PeerRequests } from "./peer-requests";
import type { Proposals } from "./proposals";
import type { RaftHost } from "./raft-host";
import type { Reads } from "./reads";
import type { RoundClock } from "./round-clock";
import type { Transfers } from "./transfers";
import type { Transport } from "./transport";

export interface InboxOptions {
  readonly applier: Applier;
  readonly changes: MemberChanges;
  readonly transfers: Transfers;
  readonly gate: Gate;
  readonly host: RaftHost;
  readonly log: PatientLogStore;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly requests: PeerRequests;
  readonly rounds: RoundClock;
  readonly transport: Transport;
  readonly view: ClusterView;
  ownReport(): NodeReport;
}

export class Inbox {
  readonly #options: InboxOptions;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Errors: `MalformedError`; the link that carried such bytes is closed for it. */
  onMessage(from: Hello, bytes: Uint8Array): void {
    const { gate, requests, transport, view } = this.#options;
    const peerMessage = decodePeerMessage(bytes);
    // It may have greeted us before we learnt which disk the cluster knows it by.
    const refusal = gate.judgeDisk(from);
    if (refusal !== null) {
      transport.disconnect(from.nodeId, refusal.detail);
      return;
    }
    view.onHeard(from.nodeId);
    switch (peerMessage.kind) {
      case "raft":
        this.#noteRoom(from, peerMessage.hasRoom);
        this.#onRaftMessage(from, peerMessage.message);
        break;
      case "request":
        this.#onRequest(from.nodeId, peerMessage);
        break;
      case "answer":
        requests.onAnswer(from.nodeId, peerMessage.id, peerMessage.answer);
        break;
    }
  }

  /** What a peer says of its disk with every message; mostly the same. */
  #noteRoom({ diskId, incarnation, nodeId: node }: Hello, hasRoom: boolean): void {
    const { host } = this.#options;
    if (hasRoom !== host.context.fullDisks.has(node)) return;
    // Whose messages the chart does not heed has no word here either.
    if (isStranger(host.context, { from: node, diskId, incarnation })) return;
    host.step({ type: hasRoom ? "disk.freed" : "disk.filled", node });
  }

  #onRaftMessage(from: Hello, arrived: RaftMessage): void {
    const { applier, host, log, rounds } = this.#options;
    const { nodeId, incarnation, diskId } = from;
    const message = log.isFull ? withoutEntries(arrived) : arrived;
    const isFirstOfRound = message.type === "AppendEntries" && isNews(host.context, message);
    host.step({ type: "received", from: nodeId, incarnation, diskId, message });
    if (!isFirstOfRound || host.standing.leaderId !== nodeId) return;
    // What the chart would not hear, a word from before the leader's restart say, tells no age.
    if (host.context.leaderRound !== message.round) return;
    rounds.onTold(message.confirmedAgeMs, message.leaderCommit, applier.appliedIndex);
  }

  #onRequest(
    from: NodeId,
    { id, request, timeoutMs }: { id: number; request: PeerRequest; timeoutMs: number },
  ): void {
    const { changes, ownReport, proposals, reads, transfers } = this.#options;
    const answer = (given: PeerAnswer) => this.#answer(from, id, given);
    switch (request.type) {
      case "propose":
        // What cannot be read must not reach the log: applying it would stop every node.
        decodeCommand(request.command);
        proposals.submit({
          // Kept until it is decided, so it must not pin the chunk it came in.
          command: request.command.slice(),
          isKeyed: false,
          isForwarded: true,
          timeoutMs,
          settle: (end) =>
            answer(end instanceof Error ? failed(end) : { type: "proposed", result: end }),
        });
        break;
      case "readIndex":
        reads.submit({
          timeoutMs,
          isForwarded: true,
          settle: (end) =>
            answer(end instanceof Error ? failed(end) : { type: "readIndex", index: end }),
        });
        break;
      case "report":
        answer({ type: "report", report: ownReport() });
        break;
      case "changeMembers":
        changes.submit({
          change: request.change,
          isForwarded: true,
          timeoutMs,
          settle: (end) =>
            answer(end instanceof Error ? failed(end) : { type: "membersChanged", ...end }),
        });
        break;
      case "transfer":
        transfers.submit({
          to: request.to,
          isForwarded: true,
          timeoutMs,
          settle: (end) =>
            answer(end instanceof Error ? failed(end) : { type: "transferred", leaderId: end }),
        });
        break;
    }
  }

  #answer(to: NodeId, id: number, answer: PeerAnswer): void {
    this.#options.transport.send(to, encodePeerMessage({ kind: "answer", id, answer }));
  }
}

/**
 * A full disk takes no entries: Raft sends them again until there is room. What is left is a
 * heartbeat like any other, so that the node still knows who leads, and brings its clients there.
 */
const withoutEntries = (message: RaftMessage): RaftMessage =>
  message.type === "AppendEntries" ? { ...message, entries: [] } : message;

/** The first message of a round: a late or repeated one would make the copy seem fresher. */
const isNews = ({ currentTerm, leaderRound }: RaftContext, { round, term }: AppendEntries) =>
  term > currentTerm || (term === currentTerm && round > leaderRound);

const failed = (error: RequestError): PeerAnswer => ({
  type: "failed",
  code: error.code,
  facts: error.facts,
});
