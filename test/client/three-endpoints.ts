/** A client of endpoints that behave as told. */
import { createClient } from "../../src/client";
import { answerOf, FakeNetwork, problem } from "./fake-network";

export const [A, B, C] = ["http://a:1", "http://b:2", "http://c:3"] as const;

/** One with 10 s for a call and 2 s for a try; who is asked, in order. */
export function clientOf(...endpoints: string[]) {
  const network = new FakeNetwork();
  const { surroundings } = network;
  const client = createClient({ endpoints, surroundings, timeoutMs: 10_000, tryTimeoutMs: 2_000 });
  const askedOf = () => network.asked.map((line) => line.split(" ")[0]);
  return { network, client, node: network.backend.node, askedOf };
}

/** A problem that a node answers. */
export const saying =
  (status: number, code: string, more: object = {}, headers: Record<string, string> = {}) =>
  () =>
    answerOf(status, problem(status, code, more), headers);
export const noLeader = saying(503, "no_leader", { retryable: true });
