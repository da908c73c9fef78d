/** Encodes a cut as a snapshot, piece by piece, with no file: a backup is a stream of the same. */
import { assert } from "../assert";
import { crc32 } from "../codec/crc32";
import type { SnapshotInfo } from "../types";
import { writeAnswer } from "./answer-bytes";
import { ByteWriter } from "./byte-writer";
import { defaultStoreLimits } from "./limits";
import type { SnapshotHead } from "./ports";
import { encodePreamble } from "./preamble";
import {
  ANSWERS,
  BLOCK_BYTES_MAX,
  encodeBlock,
  encodeEnd,
  encodeHead,
  ITEMS,
  SNAPSHOT_FORMAT,
} from "./snapshot-format";
import type { StateCut } from "./state-cut";

/** What a snapshot says of itself that the state does not know. */
export type SnapshotAbout = Pick<SnapshotHead, "clusterId" | "configuration">;

/**
 * The pieces of the snapshot's file in their order, each the work of a moment: at most about
 * `blockBytes` of state, or one item where it is longer; then what it is called. The same cut
 * always gives the same bytes. The caller releases the cut.
 */
export function* encodeSnapshot(
  cut: StateCut,
  about: SnapshotAbout,
  blockBytes = defaultStoreLimits.snapshotBlockBytes,
): Generator<Uint8Array, SnapshotInfo> {
  const { lastIndex, lastTerm, timeMs, revision, keyCount, answerCount, stateHash } = cut;
  const head = { lastIndex, lastTerm, timeMs, revision, keyCount, answerCount, stateHash };
  let checksum = 0;
  let byteLength = 0;
  let records = 0;
  const count = (piece: Uint8Array): Uint8Array => {
    checksum = crc32(piece, checksum);
    byteLength += piece.length;
    return piece;
  };
  yield count(encodePreamble(SNAPSHOT_FORMAT));
  for (const record of encodeRecords(cut, { ...head, ...about }, blockBytes)) {
    records++;
    yield count(record);
  }
  const last = { records, checksum };
  yield count(encodeEnd(last));
  return { lastIndex, lastTerm, byteLength, checksum: last.checksum };
}

function* encodeRecords(
  cut: StateCut,
  head: SnapshotHead,
  blockBytes: number,
): Generator<Uint8Array, void> {
  yield encodeHead(head);
  yield* encodeBlocks(ITEMS, cut.slots(), cut.writeItem, blockBytes);
  yield* encodeBlocks(ANSWERS, [cut.answers()], writeAnswer, blockBytes);
}

function* encodeBlocks<Part>(
  kind: number,
  runs: Iterable<Iterable<Part>>,
  write: (writer: ByteWriter, part: Part) => void,
  blockBytes: number,
): Generator<Uint8Array, void> {
  const writer = new ByteWriter(blockBytes);
  for (const run of runs) {
    for (const part of run) {
      write(writer, part);
      if (writer.length < blockBytes) continue;
      assert(writer.length <= BLOCK_BYTES_MAX, "a block keeps to its limit");
      yield encodeBlock(kind, writer.take());
    }
  }
  if (writer.length > 0) yield encodeBlock(kind, writer.take());
}
