/** A backup is a stream of bytes, which Eden would gather: it is fetched as it is. */
import type { Backup } from "./answers";
import type { Attempt, CallOptions } from "./call";
import type { Calls } from "./calls";

/** Opens one on whichever node answers first. **Errors**: `ClientError`. */
export async function openBackup(calls: Calls, options: CallOptions): Promise<Backup> {
  const { surroundings } = calls;
  const send = async ({ endpoint, fetch, query }: Attempt) => {
    const url = `${endpoint}/v1/backup?timeout=${query.timeout}`;
    const response = await surroundings.fetch(url, fetch);
    return response.ok
      ? { data: response.body, error: null, response }
      : { data: null, error: await problemOf(response), response };
  };
  const { data, response } = await calls.run({ repetition: "read", send }, options);
  return { revision: Number(response.headers.get("x-balsa-revision")), stream: data };
}

/** What the answer says, if it says it in JSON. */
async function problemOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // Then it is no problem of a node's, and is told as such.
    return null;
  }
}
