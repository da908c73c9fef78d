/** A write's headers: conditions and the idempotency key. */
import { type Condition, revision } from "../types";
import { IDEMPOTENCY_KEY_BYTES_MAX } from "./limits";
import { invalidRequest } from "./refusals";

/** What `If-Match` looks like: a key's `mod_revision` in quotes, as `ETag` gives it. */
export const REVISION_TAG_PATTERN = '^"[1-9][0-9]{0,15}"$';
/** One to 128 bytes of what a header can carry unchanged. */
export const IDEMPOTENCY_KEY_PATTERN = `^[\\x20-\\x7e]{1,${IDEMPOTENCY_KEY_BYTES_MAX}}$`;

const revisionTag = new RegExp(REVISION_TAG_PATTERN);
const idempotencyKeyForm = new RegExp(IDEMPOTENCY_KEY_PATTERN);

export interface WriteHeaders {
  readonly condition: Condition | null;
  readonly idempotencyKey: string | null;
}

/** **Errors**: `invalid_request` where a header is not exactly what the interface names. */
export function readWriteHeaders(headers: Headers): WriteHeaders {
  return { condition: readCondition(headers), idempotencyKey: readIdempotencyKey(headers) };
}

function readCondition(headers: Headers): Condition | null {
  const ifMatch = headers.get("if-match");
  const ifNoneMatch = headers.get("if-none-match");
  if (ifMatch !== null && ifNoneMatch !== null) {
    throw invalidRequest("If-Match and If-None-Match exclude each other");
  }
  if (ifNoneMatch !== null) {
    if (ifNoneMatch !== "*") throw invalidRequest("If-None-Match must be * here");
    return { kind: "keyIsAbsent" };
  }
  return ifMatch === null ? null : { kind: "revisionIs", revision: readRevisionTag(ifMatch) };
}

function readRevisionTag(tag: string) {
  const number = revisionTag.test(tag) ? Number(tag.slice(1, -1)) : Number.NaN;
  if (!Number.isSafeInteger(number)) {
    throw invalidRequest('If-Match must be one mod_revision in double quotes, such as "42"');
  }
  return revision(number);
}

function readIdempotencyKey(headers: Headers): string | null {
  const key = headers.get("idempotency-key");
  if (key !== null && !idempotencyKeyForm.test(key)) {
    throw invalidRequest(
      `Idempotency-Key must have 1 to ${IDEMPOTENCY_KEY_BYTES_MAX} printable ASCII characters`,
    );
  }
  return key;
}
