/** Hello and refusal ⇄ bytes: the two greetings that open, or end, every connection. */
import type { Hello, Refusal, RefusalCode } from "../messages";
import { clusterId, diskId, incarnation, logIndex, nodeId, term } from "../types";
import { packFields, unpackFields } from "./fields";

/** Longest identity or address in a greeting. Units: UTF-16 units. */
export const greetingTextMax = 512;
/** Longest explanation of a refusal; a longer one is cut. Units: UTF-16 units. */
export const refusalDetailMax = 2_048;

export const encodeHello = (hello: Hello): Uint8Array =>
  packFields([
    hello.protocolVersion,
    hello.clusterId,
    hello.nodeId,
    hello.diskId,
    hello.incarnation,
    hello.apiAddress,
    hello.lastLogIndex,
    hello.lastLogTerm,
    hello.peerAddress,
    hello.configuredAddress,
  ]);

/**
 * Reads a greeting of any protocol version: its first fields never change, and later versions may
 * only append, so that a stranger's version can be read and refused by name.
 * Errors: `MalformedError`.
 */
export function decodeHello(bytes: Uint8Array): Hello {
  const fields = unpackFields(bytes, "hello");
  return {
    protocolVersion: fields.count("protocol version"),
    clusterId: clusterId(fields.text("cluster id", greetingTextMax)),
    nodeId: nodeId(fields.positive("node id")),
    diskId: diskId(fields.text("disk id", greetingTextMax)),
    incarnation: incarnation(fields.positive("incarnation")),
    apiAddress: fields.text("api address", greetingTextMax),
    lastLogIndex: logIndex(fields.count("last log index")),
    lastLogTerm: term(fields.count("last log term")),
    peerAddress: fields.textOrNull("peer address", greetingTextMax),
    configuredAddress: fields.textOrNull("configured address", greetingTextMax),
  };
}

const refusalCodes: Readonly<Record<RefusalCode, true>> = {
  protocol_version: true,
  foreign_cluster: true,
  impostor: true,
  wrong_target: true,
  wiped: true,
  removed: true,
  old_incarnation: true,
};

export const encodeRefusal = (refusal: Refusal): Uint8Array =>
  packFields([refusal.code, refusal.detail.slice(0, refusalDetailMax).toWellFormed()]);

/** Errors: `MalformedError`. */
export function decodeRefusal(bytes: Uint8Array): Refusal {
  const fields = unpackFields(bytes, "refusal");
  const refusal = {
    code: fields.word("code", refusalCodes),
    detail: fields.text("detail", refusalDetailMax),
  };
  fields.end();
  return refusal;
}
