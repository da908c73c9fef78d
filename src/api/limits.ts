/** Every limit of the HTTP interface, by name. */

/** **Units**: bytes. Larger bodies get a bare 413 before they reach the application. */
export const BODY_BYTES_MAX = 8 * 1024 * 1024;
/** **Units**: bytes of a text's UTF-8, of raw bytes, or of compact JSON. */
export const VALUE_BYTES_MAX = 1024 * 1024;
/** **Units**: bytes of UTF-8. A key has at least one. */
export const KEY_BYTES_MAX = 1024;
/** **Units**: bytes. An idempotency key has at least one. */
export const IDEMPOTENCY_KEY_BYTES_MAX = 128;
/** What a problem quotes of a request is cut short. **Units**: UTF-16 units. */
export const DETAIL_LENGTH_MAX = 2_000;
/** Arrays and objects inside each other; what follows a value through must not overflow a stack. */
export const JSON_DEPTH_MAX = 512;

export const TIMEOUT_MS_MIN = 1;
export const TIMEOUT_MS_MAX = 60_000;
export const TIMEOUT_MS_DEFAULT = 5_000;

/** Items on a page of keys: the most, and what is given unasked. */
export const LIST_ITEMS_MAX = 1_000;
/** **Units**: bytes of keys and values on a page of keys. */
export const LIST_BYTES_MAX = 4 * 1024 * 1024;

export const LOG_ITEMS_MAX = 1_000;
export const LOG_ITEMS_DEFAULT = 100;
/** **Units**: bytes of commands on a page of the log. */
export const LOG_BYTES_MAX = 4 * 1024 * 1024;

export const TRANSITIONS_ITEMS_MAX = 1_000;
export const TRANSITIONS_ITEMS_DEFAULT = 100;

/**
 * A connection without traffic is closed after this; it must outlast the longest timeout a request
 * may ask for, since a waiting request is silent. **Units**: seconds. Bun allows at most 255.
 */
export const IDLE_TIMEOUT_SECONDS = 90;
/** How long a browser may remember what a page of an announced address is allowed to do. */
export const PREFLIGHT_AGE_SECONDS = 600;
