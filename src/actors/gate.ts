/** Who may speak to this node: the greeting it gives, and what it thinks of another's. */

import { isVoter, trustedDisks } from "../machines/raft/context";
import type { RaftContext } from "../machines/raft/vocabulary";
import type { Hello, Refusal } from "../messages";
import type { Identity } from "../store/ports";
import type { Address, Incarnation, NodeId } from "../types";

export const PROTOCOL_VERSION = 1;

export class Gate {
  readonly #identity: Identity;
  readonly #apiAddress: Address;
  readonly #context: () => RaftContext;
  readonly #incarnations = new Map<NodeId, Incarnation>();

  constructor(identity: Identity, apiAddress: Address, context: () => RaftContext) {
    this.#identity = identity;
    this.#apiAddress = apiAddress;
    this.#context = context;
  }

  hello(): Hello {
    const { clusterId, diskId, incarnation, nodeId } = this.#identity;
    const { currentTerm, log, votedFor } = this.#context();
    return {
      protocolVersion: PROTOCOL_VERSION,
      clusterId,
      nodeId,
      diskId,
      incarnation,
      apiAddress: this.#apiAddress,
      hardState: { term: currentTerm, votedFor },
      lastLogIndex: log.lastIndex,
      lastLogTerm: log.lastTerm,
    };
  }

  /** null for a member that is who it says; else the reason it is turned away. */
  judge(hello: Hello): Refusal | null {
    const { clusterId, nodeId } = this.#identity;
    const who = `node ${hello.nodeId}`;
    if (hello.protocolVersion !== PROTOCOL_VERSION) {
      const theirs = hello.protocolVersion;
      const detail = `${who} speaks protocol ${theirs}, we speak ${PROTOCOL_VERSION}`;
      return { code: "protocol_version", detail };
    }
    if (hello.clusterId !== clusterId) {
      const detail = `${who} belongs to cluster ${hello.clusterId}, we belong to ${clusterId}`;
      return { code: "foreign_cluster", detail };
    }
    if (hello.nodeId === nodeId) {
      return { code: "impostor", detail: `${who} is ourselves: two nodes run with one id` };
    }
    if (!isVoter(this.#context(), hello.nodeId)) {
      return { code: "not_a_member", detail: `${who} is not a member of this cluster` };
    }
    return this.#judgeDisk(hello, who);
  }

  #judgeDisk(hello: Hello, who: string): Refusal | null {
    const trusted = trustedDisks(this.#context()).get(hello.nodeId);
    if (trusted !== undefined && trusted !== hello.diskId) {
      const detail =
        `${who} comes with another disk than the cluster knows it by: ` +
        "it has forgotten its votes and acknowledgements";
      return { code: "wiped", detail };
    }
    const latest = this.#incarnations.get(hello.nodeId);
    if (latest !== undefined && hello.incarnation < latest) {
      const detail = `${who} is in its start ${hello.incarnation}, but start ${latest} was seen`;
      return { code: "old_incarnation", detail };
    }
    this.#incarnations.set(hello.nodeId, hello.incarnation);
    return null;
  }
}
