import type { NewItem } from "../../src/store/item-bytes";
import { revision, type Value } from "../../src/types";

/** An item of text that a set at revision `modRevision` would make of a new key. */
export function newItem(
  key: string,
  text: string,
  modRevision = 1,
  kind: Value["kind"] = "text",
): NewItem {
  const utf8 = new TextEncoder().encode(text);
  // Amid other bytes, as in an entry's record.
  const bytes = new Uint8Array(utf8.length + 5);
  bytes.set(utf8, 3);
  const value = { kind, bytes, start: 3, end: 3 + utf8.length };
  const at = revision(modRevision);
  return { key, value, createRevision: at, modRevision: at, version: 1 };
}
