/** Every limit of a client, by name. */

/** How long a call may take, all its tries together, unless it says otherwise. Units: ms. */
export const TIMEOUT_MS_DEFAULT = 10_000;
/**
 * The longest a call may take. Nodes remember an idempotency key for at least 10 minutes: within
 * this bound every try of a write still finds the first one. Units: ms.
 */
export const TIMEOUT_MS_MAX = 300_000;
/** How long one endpoint is waited for before another is asked. Units: ms. */
export const TRY_TIMEOUT_MS_DEFAULT = 2_000;
/** The longest that a node lets itself be told to take. Units: ms. */
export const TOLD_TIMEOUT_MS_MAX = 60_000;
/**
 * How much less a node is told it has than it has: it is the one to say what became of the request,
 * and its answer needs time to get here. A tenth of the try, at least this, at most half of it.
 * Units: ms.
 */
export const MARGIN_MS_MIN = 100;
/**
 * With less time left nobody is asked once more: a try that is cut off turns a failure that is
 * known into an outcome that is not. Units: ms.
 */
export const TRY_MS_MIN = 300;
/** The longest pause after every endpoint has failed once; it doubles from there. Units: ms. */
export const BACKOFF_MS_MIN = 50;
export const BACKOFF_MS_MAX = 1_000;
/** A stream that has been silent for longer is taken for dead; nodes beat every 5 s. Units: ms. */
export const SILENCE_MS_MAX = 15_000;
/** How long, at most, a stream that broke is left alone before it is opened again. Units: ms. */
export const REOPEN_MS_MAX = 500;
