/** Keys in paths: Eden leaves them as they are, so they are encoded here. */
import { BalsaError, type ClientError } from "./errors";

/** `key` as a segment of a path. **Errors**: `invalid_request` for one that no path can carry. */
export function pathKey(key: string): string {
  if (key === "") throw invalidKey("the key is empty; a key has at least one byte");
  if (!key.isWellFormed()) throw invalidKey("the key has half a surrogate pair");
  // A URL takes these for "here" and "one up", however they are escaped.
  if (key === "." || key === "..") throw invalidKey(`no URL can name the key ${key}`);
  return encodeURIComponent(key);
}

const invalidKey = (detail: string): ClientError =>
  new BalsaError("invalid_request", {
    detail,
    outcome: "not_applied",
    retryable: false,
    endpoint: null,
    status: null,
  });
