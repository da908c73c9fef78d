/** Whose data directory this is: written once at the first start, whole or not at all. */
import { type Field, packFields, unpackFields } from "../codec/fields";
import { MalformedError } from "../codec/malformed";
import { RECORD_HEADER_BYTES, RecordReader, sealRecord } from "../codec/record";
import { FatalError, StartupError } from "../errors";
import type { Address, ClusterId, Configuration, NodeId } from "../types";
import { clusterId, diskId, foundedBy, nodeId } from "../types";
import { replaceFile } from "./durable-file";
import { REPLACE_THIS_NODE } from "./fatal";
import type { FileSystem, Identity } from "./ports";
import { encodePreamble, hasPreamble, PREAMBLE_BYTES } from "./preamble";

const FORMAT = { magic: "BALSAIDN", version: 1 } as const;
export const IDENTITY_FILE = "identity.balsa";
/** Longest id or address. Units: UTF-16 units. */
const TEXT_MAX = 512;

/** What is written down; the incarnation stands beside the hard state, which has room to grow. */
export type StoredIdentity = Omit<Identity, "incarnation">;

/** Who the caller says we are; null where a restart leaves it to what is stored. */
export interface ClaimedIdentity {
  readonly nodeId: NodeId;
  readonly clusterId: ClusterId | null;
  readonly founders: Configuration | null;
  /** The cluster id where the directory was founded from the backup of this checksum. */
  readonly restoredClusterId?: (checksum: number) => ClusterId;
}

export function writeIdentity(fileSystem: FileSystem, identity: StoredIdentity): void {
  const members = identity.founders.voters.flatMap((member) => [member.id, member.peerAddress]);
  const payload = packFields([
    identity.nodeId,
    identity.clusterId,
    identity.diskId,
    identity.founders.voters.length,
    ...members,
    ...withoutLastNulls([identity.restoredFrom, identity.listen, identity.configured]),
  ]);
  const bytes = new Uint8Array(PREAMBLE_BYTES + RECORD_HEADER_BYTES + payload.length);
  bytes.set(encodePreamble(FORMAT));
  bytes.set(payload, PREAMBLE_BYTES + RECORD_HEADER_BYTES);
  sealRecord(bytes.subarray(PREAMBLE_BYTES));
  replaceFile(fileSystem, IDENTITY_FILE, [bytes]);
}

/**
 * Notes that the peer port listens elsewhere from now on: what the others were told at first does
 * not hold any more, wherever it goes.
 */
export const noteMove = (fileSystem: FileSystem, identity: StoredIdentity, listen: Address) =>
  writeIdentity(fileSystem, { ...identity, listen, configured: null });

/** What came later is left out where there is nothing to say: so it was before. */
const withoutLastNulls = (fields: readonly Field[]): readonly Field[] =>
  fields.slice(0, fields.findLastIndex((field) => field !== null) + 1);

/** Errors: `FatalError` `identity_corrupted`. */
export function readIdentity(fileSystem: FileSystem): StoredIdentity {
  const path = fileSystem.describe(IDENTITY_FILE);
  const file = fileSystem.open(IDENTITY_FILE, { create: false });
  const bytes = file.read(0, file.size());
  file.close();
  try {
    if (!hasPreamble(bytes, FORMAT, path)) throw new MalformedError("identity", "no preamble");
    const reader = new RecordReader(bytes);
    if (reader.check(PREAMBLE_BYTES) !== "intact") {
      throw new MalformedError("identity", "the checksum does not hold");
    }
    return decodeIdentity(bytes.subarray(PREAMBLE_BYTES + RECORD_HEADER_BYTES));
  } catch (error) {
    if (error instanceof MalformedError) throw corrupted(path, error.message);
    throw error;
  }
}

/** Errors: `StartupError` `wrong_node` or `wrong_cluster` when the claim is not what is stored. */
export function checkIdentity(
  stored: StoredIdentity,
  claimed: ClaimedIdentity,
  directory: string,
): void {
  if (stored.nodeId !== claimed.nodeId) {
    throw new StartupError(
      "wrong_node",
      `${directory} belongs to node ${stored.nodeId}, not to node ${claimed.nodeId}: ` +
        `start with --id ${stored.nodeId} or name another --data directory`,
    );
  }
  if (claimed.founders && describe(claimed.founders) !== describe(stored.founders)) {
    throw new StartupError(
      "wrong_cluster",
      `${directory} was founded with --cluster "${describe(stored.founders)}", not ` +
        `"${describe(claimed.founders)}": give that one, or none, or another --data directory`,
    );
  }
  const claimedId = claimedClusterId(stored, claimed);
  if (claimedId && claimedId !== stored.clusterId) {
    throw new StartupError(
      "wrong_cluster",
      `${directory} belongs to cluster ${stored.clusterId}, not to ${claimedId}: give ` +
        "the --cluster-token of its first start, or name another --data directory",
    );
  }
}

/** A cluster that began with a backup is called after it, too. */
function claimedClusterId(
  { restoredFrom }: StoredIdentity,
  { clusterId, restoredClusterId }: ClaimedIdentity,
): ClusterId | null {
  if (restoredFrom === null || clusterId === null) return clusterId;
  return restoredClusterId?.(restoredFrom) ?? null;
}

export function missingIdentity(path: string): FatalError {
  return corrupted(path, "the file is missing beside a log or a vote");
}

function decodeIdentity(payload: Uint8Array): StoredIdentity {
  const fields = unpackFields(payload, "identity");
  const identity = {
    nodeId: nodeId(fields.positive("node id")),
    clusterId: clusterId(fields.text("cluster id", TEXT_MAX)),
    diskId: diskId(fields.text("disk id", TEXT_MAX)),
  };
  const voters = Array.from({ length: fields.count("founders") }, () => ({
    id: nodeId(fields.positive("founder")),
    peerAddress: fields.text("address", TEXT_MAX),
    diskId: null,
  }));
  const restoredFrom = fields.hasMore ? fields.countOrNull("backup") : null;
  const listen = fields.hasMore ? fields.textOrNull("listen address", TEXT_MAX) : null;
  const configured = fields.hasMore ? fields.textOrNull("configured address", TEXT_MAX) : null;
  fields.end();
  return { ...identity, founders: foundedBy(voters), restoredFrom, listen, configured };
}

/** As `--cluster` writes it, sorted by id, so that equal founders give equal text. */
function describe(founders: Configuration): string {
  return [...founders.voters]
    .sort((a, b) => a.id - b.id)
    .map((member) => `${member.id}=${member.peerAddress}`)
    .join(",");
}

function corrupted(path: string, reason: string): FatalError {
  return new FatalError("identity_corrupted", `${path}: ${reason}`, {
    file: path,
    nextStep: REPLACE_THIS_NODE,
  });
}
