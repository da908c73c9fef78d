/** A copy of everything, as it streams. */
import type { Backup } from "./answers";
import type { Attempt, CallOptions } from "./call";
import type { Calls } from "./calls";
import { fetchStream } from "./raw-routes";

/** Opens one on whichever node answers first. **Errors**: `ClientError`. */
export async function openBackup(calls: Calls, options: CallOptions): Promise<Backup> {
  const { fetch } = calls.surroundings;
  const send = (attempt: Attempt) =>
    fetchStream(fetch, attempt, { path: `/v1/backup?timeout=${attempt.query.timeout}` });
  const { data, response } = await calls.run({ repetition: "read", send }, options);
  return { revision: Number(response.headers.get("x-balsa-revision")), stream: data.body };
}
