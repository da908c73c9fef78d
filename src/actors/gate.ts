/** Who may speak to this node: the greeting it gives, and what it thinks of another's. */

import { configurationOf, isRemoved, trustedDisk } from "../machines/raft/context";
import type { RaftContext } from "../machines/raft/vocabulary";
import type { Hello, Refusal } from "../messages";
import type { Identity } from "../store/ports";
import { type Address, membersOf } from "../types";

export const PROTOCOL_VERSION = 1;

/** What a node tells others of where it is. */
export interface OwnAddresses {
  readonly apiAddress: Address;
  /** null where the configuration knows. */
  readonly peerAddress: Address | null;
}

export class Gate {
  readonly #identity: Identity;
  readonly #addresses: OwnAddresses;
  readonly #context: () => RaftContext;

  constructor(identity: Identity, addresses: OwnAddresses, context: () => RaftContext) {
    this.#identity = identity;
    this.#addresses = addresses;
    this.#context = context;
  }

  hello(): Hello {
    const { clusterId, configured, diskId, incarnation, nodeId } = this.#identity;
    const { log } = this.#context();
    const members = membersOf(configurationOf(this.#context()));
    return {
      protocolVersion: PROTOCOL_VERSION,
      clusterId,
      nodeId,
      diskId,
      incarnation,
      apiAddress: this.#addresses.apiAddress,
      lastLogIndex: log.lastIndex,
      lastLogTerm: log.lastTerm,
      peerAddress: this.#addresses.peerAddress,
      configuredAddress: members.find(({ id }) => id === nodeId)?.peerAddress ?? configured,
    };
  }

  /**
   * null for one who may speak to us, else the reason it is turned away. It need not be a member by
   * our log: it may have come while we were away.
   */
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
    if (isRemoved(this.#context(), hello.nodeId)) {
      const detail = `${who} was removed from this cluster; an id is never used again`;
      return { code: "removed", detail };
    }
    return this.judgeDisk(hello);
  }

  /** A disk other than the one the cluster knows the member by has forgotten its promises. */
  judgeDisk({ diskId, nodeId }: Hello): Refusal | null {
    const trusted = trustedDisk(this.#context(), nodeId);
    if (trusted === null || trusted === diskId) return null;
    const detail =
      `node ${nodeId} comes with another disk than the cluster knows it by: ` +
      "it has forgotten its votes and acknowledgements";
    return { code: "wiped", detail };
  }
}
