/** Answers that Eden would gather or take apart are fetched as they are: streams. */
import type { Attempt } from "./call";
import type { Fetch } from "./surroundings";

/** A stream that has begun, or the problem that there is instead. */
export interface StreamReply {
  readonly data: {
    readonly endpoint: string;
    readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  } | null;
  readonly error: unknown;
  readonly response: Response;
}

/** Asks for `path` as it stands. */
export async function fetchStream(
  fetch: Fetch,
  { endpoint, fetch: asked }: Attempt,
  { headers = {}, path }: { readonly path: string; readonly headers?: Record<string, string> },
): Promise<StreamReply> {
  const response = await fetch(endpoint + path, { ...asked, headers });
  const { body } = response;
  if (response.ok && body !== null) return { data: { endpoint, body }, error: null, response };
  return { data: null, error: await problemIn(response), response };
}

/** What the answer says, if it says it in JSON; anything else is no problem of a node's. */
async function problemIn(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
