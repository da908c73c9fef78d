/** A configuration ⇄ the body of its entry: msgpack arrays. */
import { Packr } from "msgpackr";
import type { Configuration, DiskId, Learner, Member, NodeId, RemovedMember } from "../types";
import { diskId, nodeId } from "../types";
import { MalformedError } from "./malformed";

const packr = new Packr({ useRecords: false, variableMapSize: true });

/**
 * Voters `[id, peerAddress, diskId | nil]`, learners with `stays` behind, removed `[id, diskId |
 * nil]`: three arrays inside one that can grow. The first version had voters alone.
 */
export function encodeConfiguration({ learners, removed, voters }: Configuration): Uint8Array {
  return packr.pack([
    voters.map(memberToWire),
    learners.map((learner) => [...memberToWire(learner), learner.stays]),
    removed.map(({ diskId, id }) => [id, diskId]),
  ]);
}

const memberToWire = ({ diskId, id, peerAddress }: Member) => [id, peerAddress, diskId] as const;

/** Errors: `MalformedError`. */
export function decodeConfiguration(body: Uint8Array): Configuration {
  let wire: unknown;
  try {
    wire = packr.unpack(body);
  } catch (error) {
    throw malformed(`the configuration is not msgpack: ${error}`);
  }
  demand(Array.isArray(wire), "the configuration is no array");
  const [voters, learners = [], removed = []]: unknown[] = wire;
  demand(Array.isArray(voters), "the voters are no array");
  demand(Array.isArray(learners), "the learners are no array");
  demand(Array.isArray(removed), "the removed are no array");
  const configuration = {
    voters: voters.map(readMember),
    learners: learners.map(readLearner),
    removed: removed.map(readRemoved),
  };
  const ids = Object.values(configuration).flatMap((list) => list.map(({ id }) => id));
  demand(new Set(ids).size === ids.length, "a member is named twice");
  return configuration;
}

function readLearner(wire: unknown): Learner {
  const member = readMember(wire);
  const stays: unknown = Array.isArray(wire) ? wire[3] : null;
  demand(typeof stays === "boolean", "a learner does not say whether it stays one");
  return { ...member, stays };
}

function readRemoved(wire: unknown): RemovedMember {
  demand(Array.isArray(wire), "a removed member is no array");
  const [id, disk]: unknown[] = wire;
  return { id: readId(id), diskId: readDisk(disk) };
}

function readMember(wire: unknown): Member {
  demand(Array.isArray(wire), "a member is no array");
  const [id, peerAddress, disk]: unknown[] = wire;
  demand(typeof peerAddress === "string", "a member has no address");
  return { id: readId(id), peerAddress, diskId: readDisk(disk) };
}

function readId(wire: unknown): NodeId {
  demand(typeof wire === "number" && Number.isSafeInteger(wire) && wire >= 1, "a member has no id");
  return nodeId(wire);
}

function readDisk(wire: unknown): DiskId | null {
  demand(wire === null || typeof wire === "string", "a member's disk id is no text");
  return wire === null ? null : diskId(wire);
}

function malformed(detail: string): MalformedError {
  return new MalformedError("log entry", detail);
}

function demand(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw malformed(otherwise);
}
