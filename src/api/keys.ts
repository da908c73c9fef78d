/** What a key may be, and the cursor that remembers one. */
import { KEY_BYTES_MAX } from "./limits";
import { invalidRequest } from "./refusals";

/** **Errors**: `invalid_request` unless `key` is 1 to 1,024 bytes of well-formed UTF-8. */
export function assertKey(key: string): void {
  if (key === "") throw invalidRequest("the key is empty; a key has at least one byte");
  if (!key.isWellFormed()) throw invalidRequest("the key has half a surrogate pair");
  // A UTF-16 unit takes at most three bytes, so short keys need no counting.
  if (key.length * 3 <= KEY_BYTES_MAX) return;
  const bytes = Buffer.byteLength(key);
  if (bytes > KEY_BYTES_MAX) {
    throw invalidRequest(`the key has ${bytes} bytes; at most ${KEY_BYTES_MAX} are taken`);
  }
}

/** **Errors**: `invalid_request` where no key could begin with `prefix`. */
export function assertPrefix(prefix: string): void {
  const bytes = Buffer.byteLength(prefix);
  if (bytes > KEY_BYTES_MAX) {
    throw invalidRequest(`the prefix has ${bytes} bytes; a key has at most ${KEY_BYTES_MAX}`);
  }
}

/** Says which encoding follows, so that a later one can be told apart. */
const CURSOR_VERSION = "1";

/** An opaque place in a listing: after `key`. */
export function cursorAfter(key: string): string {
  return Buffer.from(CURSOR_VERSION + key).toString("base64url");
}

/** The key a cursor stands after. **Errors**: `invalid_request` for one that we did not make. */
export function readCursor(cursor: string, prefix: string): string {
  const text = Buffer.from(cursor, "base64url").toString();
  const key = text.slice(CURSOR_VERSION.length);
  const isOurs = text.startsWith(CURSOR_VERSION) && key !== "" && cursorAfter(key) === cursor;
  if (!isOurs || !key.startsWith(prefix)) {
    throw invalidRequest("the cursor is not a next_cursor of a listing of this prefix");
  }
  return key;
}
