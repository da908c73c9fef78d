/**
 * A snapshot on its way to one peer, as plain arithmetic. The peer says how much it holds
 * (`receivedBytes`), and that alone decides what is sent next: so a transfer goes on where it
 * stopped, over a lost link and under another leader with the same file alike.
 */
import { assert } from "../../assert";
import type { SnapshotInfo } from "../../types";
import type { WindowLimits } from "./progress";

/** Heartbeats without a word on the chunks: then some may be lost, and no more are sent. */
export const QUIET_BEATS_MAX = 4;
/** Heartbeats without any word: the peer is gone, and its snapshot's file need not be kept. */
export const SILENT_BEATS_MAX = 64;

/** Invariant: `acknowledgedBytes <= sentBytes <= snapshot.byteLength`. Units: bytes. */
export interface Transfer {
  readonly snapshot: SnapshotInfo;
  readonly acknowledgedBytes: number;
  readonly sentBytes: number;
  /** Heartbeats since the peer last spoke of it. */
  readonly quietBeats: number;
}

export interface Chunk {
  readonly offset: number;
  readonly byteLength: number;
}

export function beginTransfer(snapshot: SnapshotInfo): Transfer {
  assert(snapshot.byteLength > 0, "a snapshot's file is never empty");
  return { snapshot, acknowledgedBytes: 0, sentBytes: 0, quietBeats: 0 };
}

/** The peer holds so much and waits for what comes next: whatever else was sent is lost. */
export const resumeAt = (transfer: Transfer, receivedBytes: number): Transfer => ({
  ...transfer,
  acknowledgedBytes: receivedBytes,
  sentBytes: receivedBytes,
  quietBeats: 0,
});

/** The peer holds so much, and more is on its way to it. */
export const acknowledge = (transfer: Transfer, receivedBytes: number): Transfer => ({
  ...transfer,
  acknowledgedBytes: receivedBytes,
  sentBytes: Math.max(transfer.sentBytes, receivedBytes),
  quietBeats: 0,
});

/**
 * The one chunk that asks where the peer stands: the next it needs. Where it had them all, and says
 * nothing of the snapshot's end, it is the last byte: a peer that has lost the rest will say so.
 */
export function probingChunk({ acknowledgedBytes, snapshot }: Transfer, limits: WindowLimits) {
  const offset = Math.min(acknowledgedBytes, snapshot.byteLength - 1);
  return chunkAt(offset, snapshot, limits);
}

/** The chunks that still fit into the window behind what was sent. */
export function nextChunks(transfer: Transfer, limits: WindowLimits): readonly Chunk[] {
  const { acknowledgedBytes, snapshot } = transfer;
  const windowEnd = acknowledgedBytes + limits.snapshotChunksMax * limits.snapshotChunkBytes;
  const chunks: Chunk[] = [];
  let offset = transfer.sentBytes;
  while (offset < snapshot.byteLength) {
    const chunk = chunkAt(offset, snapshot, limits);
    offset += chunk.byteLength;
    if (offset > windowEnd) break;
    chunks.push(chunk);
  }
  return chunks;
}

/** With `chunk` sent too. */
export const afterSending = (transfer: Transfer, { offset, byteLength }: Chunk): Transfer => ({
  ...transfer,
  sentBytes: Math.max(transfer.sentBytes, offset + byteLength),
});

function chunkAt(offset: number, snapshot: SnapshotInfo, limits: WindowLimits): Chunk {
  const byteLength = Math.min(limits.snapshotChunkBytes, snapshot.byteLength - offset);
  return { offset, byteLength };
}
