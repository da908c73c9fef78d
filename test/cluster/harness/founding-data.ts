/** A backup full of keys, made without a cluster, so that a story may begin with a million. */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { encodeCommand } from "../../../src/codec/commands";
import { encodeEntry } from "../../../src/codec/entries";
import { KvProjection } from "../../../src/store/kv-projection";
import { encodeSnapshot } from "../../../src/store/snapshot-encoder";
import { clusterId, foundedBy, logIndex, term } from "../../../src/types";
import { bulkKey } from "./bulk";

/** Bytes are drawn from so many, to be quick; far enough apart they do not repeat. */
const POOL_BYTES = 65_536;
/** For a million keys, three times over, on a busy machine. */
const FOUNDING_MS_MAX = 120_000;
const TIME_MS = 1_700_000_000_000;

export interface FoundingData {
  readonly keys: number;
  readonly valueBytes: number;
}

function stateOf({ keys, valueBytes }: FoundingData): KvProjection {
  const projection = new KvProjection();
  let pool = new Uint8Array(0);
  for (let at = 0, from = POOL_BYTES; at < keys; at++, from += valueBytes) {
    if (from + valueBytes > pool.length) {
      pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
      from = 0;
    }
    const bytes = pool.slice(from, from + valueBytes);
    const value = { kind: "bytes", bytes } as const;
    const key = bulkKey(at);
    const command = encodeCommand({ op: "set", key, value, condition: null, idempotencyKey: null });
    const place = { index: logIndex(at + 1), term: term(1), timeMs: TIME_MS };
    projection.apply(encodeEntry({ kind: "command", command }, place));
  }
  return projection;
}

/** Writes such a backup to `folder` and answers its path; its keys are those of `writeBulk`. */
export function foundingData(folder: string, data: FoundingData): string {
  const path = join(folder, "founding.backup");
  const cut = stateOf(data).cut();
  const configuration = { index: logIndex(0), configuration: foundedBy([]) };
  const file = openSync(path, "w");
  for (const piece of encodeSnapshot(cut, { clusterId: clusterId("none"), configuration })) {
    writeSync(file, piece);
  }
  closeSync(file);
  cut.release();
  return path;
}

/** How to start a cluster that holds `data` from the beginning. */
export const foundedWith = (data: FoundingData, flags: readonly string[] = []) => ({
  flags: (folder: string) => ["--restore", foundingData(folder, data), ...flags],
  readyMs: FOUNDING_MS_MAX,
});
