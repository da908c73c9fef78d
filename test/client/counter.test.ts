/** Whatever the network does, an increment that returns has counted once. */
import { expect, test } from "bun:test";
import { createClient } from "../../src/client";
import { seededRandom } from "../seeded-random";
import { increment } from "./counter";
import { answerOf, type Behaviour, FakeNetwork, problem } from "./fake-network";

const ENDPOINTS = ["http://a:1", "http://b:2", "http://c:3"];
const CLIENTS = 3;
const INCREMENTS_EACH = 10;
/** What befalls the first requests to each endpoint; the later ones go well. */
const MOODS = 200;

const noLeader = () => answerOf(503, problem(503, "no_leader", { retryable: true }));
const outcomeUnknown = () => answerOf(504, problem(504, "outcome_unknown", { outcome: "unknown" }));

test("a counter stays exact while answers and requests get lost", async () => {
  const { pick } = seededRandom("counter");
  const network = new FakeNetwork();
  const behaviours: readonly Behaviour[] = [
    "up",
    "up",
    "answer lost",
    "request lost",
    "refused",
    "frozen",
    noLeader,
    ({ method }) => (method === "GET" ? noLeader() : outcomeUnknown()),
  ];
  for (const endpoint of ENDPOINTS) {
    network.tell(endpoint, ...Array.from({ length: MOODS }, () => pick(behaviours)), "up");
  }
  const count = async () => {
    const { surroundings } = network;
    const client = createClient({ endpoints: ENDPOINTS, surroundings, timeoutMs: 300_000 });
    for (let done = 0; done < INCREMENTS_EACH; done++) await increment(client, "counter");
  };
  await network.settle(Promise.all(Array.from({ length: CLIENTS }, count)));
  expect(network.backend.node.items.get("counter")).toMatchObject({
    value: { kind: "json", json: `${CLIENTS * INCREMENTS_EACH}` },
    version: CLIENTS * INCREMENTS_EACH,
  });
  // The story was as bad as it was meant to be.
  const sent = network.keysSent.filter((key) => key !== null);
  expect(sent.length).toBeGreaterThan(new Set(sent).size + 20);
});
