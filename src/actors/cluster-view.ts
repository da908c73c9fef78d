/** What this node knows of the others, and how `GET /cluster/status` is gathered. */

import { majority } from "../machines/quorum";
import type { Hello, NodeReport } from "../messages";
import type { Address, ClusterId, Configuration, Member, NodeId } from "../types";
import { membersOf } from "../types";
import type { Clock } from "./clock";
import type { NodeLimits } from "./limits";
import type { ClusterStatus, Members, NodeStatus } from "./node-handle";
import type { PeerRequests } from "./peer-requests";

interface Contact {
  heardMs: number | null;
  report: NodeReport | null;
  apiAddress: Address | null;
}

export interface ClusterViewOptions {
  readonly id: NodeId;
  readonly clusterId: ClusterId;
  readonly apiAddress: Address;
  /** Where this node was told to be found, for one that its own log does not know yet. */
  readonly peerAddress: Address | null;
  readonly electionTimeoutMs: number;
  readonly clock: Clock;
  readonly limits: NodeLimits;
  readonly requests: PeerRequests;
  configuration(): Configuration;
  leaderId(): NodeId | null;
  ownReport(): NodeReport;
}

/** What the log says of the configuration whose members are asked for. */
interface MembersAsked extends Pick<Members, "founders" | "index" | "isCommitted"> {
  readonly timeoutMs: number;
}

export class ClusterView {
  readonly #options: ClusterViewOptions;
  readonly #contacts = new Map<NodeId, Contact>();

  constructor(options: ClusterViewOptions) {
    this.#options = options;
  }

  onMet(hello: Hello): void {
    this.#contact(hello.nodeId).apiAddress = hello.apiAddress;
    this.onHeard(hello.nodeId);
  }

  onHeard(peer: NodeId): void {
    this.#contact(peer).heardMs = this.#options.clock.nowMs();
  }

  apiAddressOf(node: NodeId): Address | null {
    return node === this.#options.id
      ? this.#options.apiAddress
      : (this.#contacts.get(node)?.apiAddress ?? null);
  }

  /** Heard from within two election timeouts; a node always hears itself. */
  isHealthy(node: NodeId): boolean {
    if (node === this.#options.id) return true;
    const silenceMs = this.silenceMs(node);
    return silenceMs !== null && silenceMs <= 2 * this.#options.electionTimeoutMs;
  }

  quorum(): ClusterStatus["quorum"] {
    const { voters } = this.#options.configuration();
    const reachable = voters.filter(({ id }) => this.isHealthy(id)).length;
    return { voters: voters.length, needed: majority(voters.length), reachable };
  }

  /** Members heard from lately, this node among them. */
  reachable(): readonly NodeId[] {
    return membersOf(this.#options.configuration())
      .map(({ id }) => id)
      .filter((id) => this.isHealthy(id));
  }

  /** Asks every peer that can be reached, and answers with what came back in time. */
  async status(timeoutMs = Number.POSITIVE_INFINITY): Promise<ClusterStatus> {
    const { clusterId, configuration, id, leaderId, ownReport } = this.#options;
    const peers = membersOf(configuration()).filter((member) => member.id !== id);
    await Promise.all(peers.map((peer) => this.#askReport(peer.id, timeoutMs)));
    const { learners, voters } = configuration();
    const newcomer = this.#selfAsNewcomer();
    return {
      clusterId,
      term: ownReport().term,
      leaderId: leaderId(),
      quorum: this.quorum(),
      nodes: [
        ...voters.map((member) => this.#statusOf(member, true)),
        ...learners.map((member) => this.#statusOf(member, false)),
        ...(newcomer === null ? [] : [this.#statusOf(newcomer, false)]),
      ],
    };
  }

  /** A node always lists itself, though it may have to get the log first that names it. */
  #selfAsNewcomer(): Pick<Member, "id" | "peerAddress"> | null {
    const { configuration, id, peerAddress } = this.#options;
    const { learners, removed, voters } = configuration();
    const isKnown = [...voters, ...learners, ...removed].some((member) => member.id === id);
    return isKnown || peerAddress === null ? null : { id, peerAddress };
  }

  /** Who takes part and where each stands; the reports are gathered as for the status. */
  async members(asked: MembersAsked): Promise<Members> {
    const { founders, index, isCommitted, timeoutMs } = asked;
    const { clusterId, leaderId, nodes } = await this.status(timeoutMs);
    const { learners, removed, voters } = this.#options.configuration();
    const reported = new Map(nodes.map((node) => [node.id, node]));
    const standing = ({ id, peerAddress }: Member) => {
      const node = reported.get(id);
      const lastLogIndex = node?.lastLogIndex ?? null;
      return {
        id,
        peerAddress,
        apiAddress: this.apiAddressOf(id),
        healthy: this.isHealthy(id),
        lastLogIndex,
      };
    };
    const members = [
      ...voters.map((voter) => ({ ...standing(voter), state: "voter" as const, stays: false })),
      ...learners.map((learner) => ({
        ...standing(learner),
        state: learner.diskId === null ? ("joining" as const) : ("learner" as const),
        stays: learner.stays,
      })),
    ];
    const gone = removed.map(({ id }) => id);
    return { clusterId, leaderId, index, isCommitted, members, removed: gone, founders };
  }

  #askReport(peer: NodeId, timeoutMs: number): Promise<void> {
    const { limits, requests } = this.#options;
    return new Promise((resolve) => {
      const isSent = requests.send(
        peer,
        { type: "report" },
        {
          timeoutMs: Math.min(limits.reportTimeoutMs, timeoutMs),
          end: (ended) => {
            if (ended.kind === "answered" && ended.answer.type === "report") {
              this.#contact(peer).report = ended.answer.report;
            }
            resolve();
          },
        },
      );
      if (!isSent) resolve();
    });
  }

  #statusOf({ id, peerAddress }: Pick<Member, "id" | "peerAddress">, voter: boolean): NodeStatus {
    const isSelf = id === this.#options.id;
    const report = isSelf ? this.#options.ownReport() : (this.#contacts.get(id)?.report ?? null);
    const silenceMs = this.silenceMs(id);
    return {
      id,
      apiAddress: this.apiAddressOf(id),
      peerAddress,
      role: report?.role ?? null,
      healthy: this.isHealthy(id),
      voter,
      term: report?.term ?? null,
      commitIndex: report?.commitIndex ?? null,
      appliedIndex: report?.appliedIndex ?? null,
      lastLogIndex: report?.lastLogIndex ?? null,
      snapshotIndex: report?.snapshotIndex ?? null,
      installing: report?.installing ?? null,
      lastContactMs: isSelf ? 0 : silenceMs === null ? null : Math.round(silenceMs),
    };
  }

  /** Since `peer` was last heard; null where it never was. **Units**: ms. */
  silenceMs(peer: NodeId): number | null {
    const heardMs = this.#contacts.get(peer)?.heardMs ?? null;
    return heardMs === null ? null : this.#options.clock.nowMs() - heardMs;
  }

  #contact(peer: NodeId): Contact {
    const known = this.#contacts.get(peer);
    if (known) return known;
    const contact: Contact = { heardMs: null, report: null, apiAddress: null };
    this.#contacts.set(peer, contact);
    return contact;
  }
}
