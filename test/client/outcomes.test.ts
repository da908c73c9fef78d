/** What became of a write, all its tries considered: it happens once, and what is said is true. */
import { describe, expect, test } from "bun:test";
import { A, B, C, clientOf, noLeader } from "./three-endpoints";

describe("exactly once", () => {
  test("a write whose answer was lost is sent again under its key: it happened once", async () => {
    const { client, network, node } = clientOf(A, B);
    network.tell(A, "answer lost");
    expect(await network.settle(client.set("name", 1))).toMatchObject({ revision: 1 });
    expect(network.keysSent).toEqual(["key-1", "key-1"]);
    expect(node.items.get("name")).toMatchObject({ version: 1 });
    network.tell(A, "up");
    network.tell(B, "answer lost");
    expect(await network.settle(client.delete("name"))).toMatchObject({ deleted: true });
    expect(network.keysSent.slice(2)).toEqual(["key-2", "key-2"]);
  });

  test("a conditional write whose answer was lost succeeds, and does not meet itself", async () => {
    const { client, network } = clientOf(A, B);
    network.tell(A, "answer lost");
    expect(await network.settle(client.set("name", 1, { ifRevision: 0 }))).toMatchObject({
      revision: 1,
    });
  });

  test("a refusal after a lost answer says nothing of the first try: unknown", async () => {
    const { client, network } = clientOf(A, B);
    network.tell(A, "answer lost", "refused");
    network.tell(B, noLeader);
    const late = network.settle(client.set("name", 1));
    await expect(late).rejects.toMatchObject({
      code: "outcome_unknown",
      message: "it is no_leader; an earlier try may have been applied",
      facts: { outcome: "unknown", retryable: false, idempotencyKey: "key-1", endpoint: B },
    });
  });

  test("what the state decided under the key holds for every try", async () => {
    const { client, network } = clientOf(A, B);
    network.tell(A, "request lost");
    await network.settle(client.set("name", 0, { idempotencyKey: "before" }));
    network.tell(B, "request lost", "up");
    network.tell(A, "up");
    const late = network.settle(client.set("name", 1, { ifRevision: 0 }));
    await expect(late).rejects.toMatchObject({
      code: "precondition_failed",
      facts: { outcome: "not_applied", currentRevision: 1 },
    });
  });

  test("nobody ever took it: not applied", async () => {
    const { client, network } = clientOf(A, B);
    network.tell(A, "refused");
    network.tell(B, noLeader);
    await expect(network.settle(client.set("name", 1))).rejects.toMatchObject({
      code: "no_leader",
      facts: { outcome: "not_applied", retryable: true },
    });
  });

  test("with the key of a write that stayed unknown its outcome is found out", async () => {
    const { client, network, node } = clientOf(A);
    network.tell(A, "answer lost", "refused");
    const error = await network.settle(client.set("name", 1).catch((thrown: unknown) => thrown));
    expect(error).toMatchObject({ facts: { outcome: "unknown", idempotencyKey: "key-1" } });
    network.tell(A, "up");
    await network.settle(client.set("name", 1, { idempotencyKey: "key-1" }));
    expect(node.items.get("name")).toMatchObject({ version: 1 });
  });
});

describe("changes of the cluster happen once", () => {
  test("sent again only where nothing can have happened", async () => {
    const { askedOf, client, network } = clientOf(A, B, C);
    network.tell(A, "refused");
    network.tell(B, noLeader);
    await network.settle(client.members.add(9, "127.0.0.1:9099"));
    expect(askedOf()).toEqual([A, B, C]);
  });

  test("a lost answer is told, not asked for again", async () => {
    const { askedOf, client, network } = clientOf(A, B);
    network.tell(A, "answer lost");
    await expect(network.settle(client.members.remove(1))).rejects.toMatchObject({
      code: "no_answer",
      facts: { outcome: "unknown", retryable: false },
    });
    expect(askedOf()).toEqual([A]);
  });
});

describe("the caller's signal", () => {
  const abortSoon = () => {
    const aborter = new AbortController();
    setImmediate(() => aborter.abort());
    return aborter.signal;
  };

  test("ends a call under way, whose write may have left", async () => {
    const { client, network } = clientOf(A, B);
    network.tell(A, "frozen");
    await expect(client.set("name", 1, { signal: abortSoon() })).rejects.toMatchObject({
      code: "aborted",
      facts: { outcome: "unknown", retryable: false },
    });
    await expect(client.get("name", { signal: abortSoon() })).rejects.toMatchObject({
      code: "aborted",
      facts: { outcome: null },
    });
  });

  test("ends a pause, with what the tries before it came to", async () => {
    const { client, network } = clientOf(A);
    network.tell(A, "refused");
    await expect(client.set("name", 1, { signal: abortSoon() })).rejects.toMatchObject({
      code: "aborted",
      facts: { outcome: "not_applied" },
    });
    network.tell(A, "answer lost");
    await expect(client.set("name", 1, { signal: abortSoon() })).rejects.toMatchObject({
      code: "aborted",
      facts: { outcome: "unknown" },
    });
  });

  test("lets nothing leave where it was given too late", async () => {
    const { client, network } = clientOf(A);
    await expect(client.set("name", 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
      facts: { outcome: "not_applied" },
    });
    expect(network.asked).toEqual([]);
  });
});
