/** What a query string may say. The names and forms are in `schemas.ts`; here is the rest. */
import type { Consistency, ReadOptions } from "../actors/node-handle";
import { parseDurationMs } from "../durations";
import { TIMEOUT_MS_DEFAULT, TIMEOUT_MS_MAX, TIMEOUT_MS_MIN } from "./limits";
import { invalidRequest } from "./refusals";

/**
 * Refuses what a lenient parser would quietly mend: a name given twice, an escape that is not
 * UTF-8. **Errors**: `invalid_request`.
 */
export function assertPlainQuery(url: string): void {
  const start = url.indexOf("?");
  if (start < 0) return;
  const seen = new Set<string>();
  for (const pair of url.slice(start + 1).split("&")) {
    if (pair === "") continue;
    const [name = "", ...value] = pair.split("=");
    const decoded = decode(name);
    decode(value.join("="));
    if (decoded === "") throw invalidRequest("a query parameter has no name");
    if (seen.has(decoded)) throw invalidRequest(`the query gives ${decoded} twice`);
    seen.add(decoded);
  }
}

function decode(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    throw invalidRequest(`the query has an escape that is not UTF-8: ${escaped}`);
  }
}

/** What is said of a timeout that is none. */
export const TIMEOUT_RULE = "timeout must be from 1ms to 60s, such as 500ms or 2s";

/** How long the request may take. **Errors**: `invalid_request`. */
export function readTimeoutMs(timeout: string | undefined): number {
  if (timeout === undefined) return TIMEOUT_MS_DEFAULT;
  const timeoutMs = parseDurationMs(timeout);
  if (timeoutMs === null || timeoutMs < TIMEOUT_MS_MIN || timeoutMs > TIMEOUT_MS_MAX) {
    throw invalidRequest(TIMEOUT_RULE);
  }
  return timeoutMs;
}

/** The part of a query that every read takes. */
export interface ReadQuery {
  readonly consistency?: Consistency | undefined;
  readonly timeout?: string | undefined;
}

/** **Errors**: `invalid_request`. */
export function readOptions(query: ReadQuery): ReadOptions {
  return {
    consistency: query.consistency ?? "linearizable",
    timeoutMs: readTimeoutMs(query.timeout),
  };
}
