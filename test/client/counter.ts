/** A counter that is kept by conditional writes alone, the way the README tells it. */
import { type Client, isClientError } from "../../src/client";

/** Adds one: reads, and writes on the condition that nobody was faster, until that holds. */
export async function increment(client: Client, key: string): Promise<void> {
  for (;;) {
    const found = await client.get(key);
    try {
      const next = Number(found?.value ?? 0) + 1;
      await client.set(key, next, { ifRevision: found?.mod_revision ?? 0 });
      return;
    } catch (error) {
      if (!isClientError(error, "precondition_failed")) throw error;
    }
  }
}
