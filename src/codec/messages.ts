/**
 * Peer messages ⇄ bytes: everything that travels on a link after the greeting.
 *
 * One message is one plain msgpack array: version, kind, an envelope, then the fields of its kind.
 * Log entries are carried as the very bytes of their records, never encoded again.
 */
import type { PeerMessage } from "../messages";
import { packFields, unpackFields } from "./fields";
import { raftFields, raftKinds, readRaftMessage } from "./raft-messages";
import {
  answerFields,
  answerKinds,
  readAnswer,
  readRequest,
  requestFields,
  requestKinds,
} from "./request-messages";

export function encodePeerMessage(peerMessage: PeerMessage): Uint8Array {
  switch (peerMessage.kind) {
    case "raft": {
      const { hasRoom, message } = peerMessage;
      return packFields([raftKinds[message.type], hasRoom, ...raftFields(message)]);
    }
    case "request": {
      const { id, request } = peerMessage;
      const timeoutMs = Math.ceil(peerMessage.timeoutMs);
      return packFields([requestKinds[request.type], id, timeoutMs, ...requestFields(request)]);
    }
    case "answer": {
      const { id, answer } = peerMessage;
      return packFields([answerKinds[answer.type], id, ...answerFields(answer)]);
    }
  }
}

/**
 * Reads one message whole or not at all. Byte fields and entry records are views on `bytes`.
 * Errors: `MalformedError`.
 */
export function decodePeerMessage(bytes: Uint8Array): PeerMessage {
  const fields = unpackFields(bytes, "peer message");
  const kind = fields.count("kind");
  const message =
    kind < requestKinds.propose
      ? readRaft()
      : kind < answerKinds.proposed
        ? readPeerRequest()
        : readPeerAnswer();
  fields.end();
  return message;

  function readRaft(): PeerMessage {
    const hasRoom = fields.flag("has room");
    const message = readRaftMessage(kind, fields) ?? fields.fail(`unknown kind ${kind}`);
    return { kind: "raft", hasRoom, message };
  }
  function readPeerRequest(): PeerMessage {
    const id = fields.count("request id");
    const timeoutMs = fields.count("timeout");
    const request = readRequest(kind, fields) ?? fields.fail(`unknown kind ${kind}`);
    return { kind: "request", id, timeoutMs, request };
  }
  function readPeerAnswer(): PeerMessage {
    const id = fields.count("request id");
    const answer = readAnswer(kind, fields) ?? fields.fail(`unknown kind ${kind}`);
    return { kind: "answer", id, answer };
  }
}
