/** Asks a node over HTTP, and takes its problems for what they are. */
import type { Problem } from "../answers";

export interface Asked {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

export type Answered<Body> =
  | { readonly kind: "ok"; readonly body: Body; readonly node: number | null }
  | { readonly kind: "problem"; readonly problem: Problem }
  /** Nothing came back: what became of a write is not known. */
  | { readonly kind: "unanswered" };

/** A little longer than a node's own patience, so that its own word on it is heard. */
const TIMEOUT_MS = 6_000;

/** Sends one request to the node at `origin`; an empty `origin` is the page's own. */
export async function ask<Body>(
  origin: string,
  path: string,
  { timeoutMs = TIMEOUT_MS, ...asked }: Asked = {},
): Promise<Answered<Body>> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${origin}${path}`, { ...asked, signal, cache: "no-store" });
    if (!response.ok) return { kind: "problem", problem: await problemOf(response) };
    const body = await response.json();
    const node = Number(response.headers.get("x-balsa-node"));
    return { kind: "ok", body, node: node > 0 ? node : null };
  } catch {
    // No connection, too late, or cut off in the middle: in each case there is no answer.
    return { kind: "unanswered" };
  }
}

/** What a node says of a refusal; what is refused below the application comes without a word. */
async function problemOf(response: Response): Promise<Problem> {
  if (response.headers.get("content-type") === "application/problem+json") return response.json();
  const { status } = response;
  const detail = status === 413 ? "the body is too large" : `the answer has status ${status}`;
  return {
    ...{ type: "about:blank", title: "Refused", status, detail, code: "unknown" },
    ...{ retryable: false, outcome: null },
  };
}

/** Makes a retry of one write safe. A page that is no secure context has no `randomUUID`. */
export const newIdempotencyKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
