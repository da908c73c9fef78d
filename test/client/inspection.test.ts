/** Following what machines do: through broken streams, from node to node. */
import { describe, expect, test } from "bun:test";
import { createClient, type Followed, type FollowOptions } from "../../src/client";
import { answerOf, FakeNetwork, problem } from "./fake-network";
import { streaming, told, transition } from "./scripted-stream";

const [A, B] = ["http://a:1", "http://b:2"] as const;

/** What is heard until `count` things were told, in words. */
async function hear(network: FakeNetwork, count: number, options: FollowOptions = {}) {
  const { surroundings } = network;
  const client = createClient({ endpoints: [A, B], surroundings, timeoutMs: 3_000 });
  const aborter = new AbortController();
  const heard: Followed[] = [];
  const listen = async () => {
    const { signal } = aborter;
    for await (const followed of client.inspection.follow({ ...options, signal })) {
      heard.push(followed);
      if (heard.length === count) aborter.abort();
    }
  };
  await network.settle(listen());
  return heard.map(inWords);
}

function inWords(followed: Followed): string {
  switch (followed.kind) {
    case "opened":
      return `opened ${followed.node}`;
    case "transition":
      return `${followed.transition.node}:${followed.transition.seq}`;
    case "gap":
      return `gap ${followed.from} to ${followed.first_seq}`;
    case "lost":
      return `lost ${followed.endpoint}: ${followed.reason}`;
  }
}

describe("following", () => {
  test("hears what is told, however it is cut into pieces", async () => {
    const network = new FakeNetwork();
    const text = `: beat\n\n${told(transition(1, 5, 10))}${told(transition(1, 6, 11))}`;
    network.tell(A, streaming(1, [...text], "is silent"));
    expect(await hear(network, 3)).toEqual(["opened 1", "1:5", "1:6"]);
    expect(network.headersSent[0]).toMatchObject({ accept: "text/event-stream" });
  });

  test("asks for a machine, and from a number on", async () => {
    const network = new FakeNetwork();
    network.tell(A, streaming(1, [told(transition(1, 5, 10))]), "refused");
    network.tell(B, streaming(2, [told(transition(2, 9, 11))], "is silent"));
    await hear(network, 5, { machine: "replicator/2", from: 5 });
    expect(network.asked[0]).toEndWith("/v1/inspect/transitions?machine=replicator%2F2&from=5");
    // The number was one of the first node's.
    expect(network.asked.at(-1)).toEndWith("/v1/inspect/transitions?machine=replicator%2F2");
  });

  test("a stream that breaks goes on with the other node, from where the story stood", async () => {
    const network = new FakeNetwork();
    const first = [transition(1, 5, 10), transition(1, 6, 20)].map(told);
    const others = [transition(2, 90, 9), transition(2, 91, 20), transition(2, 92, 21)].map(told);
    network.tell(A, streaming(1, first, "breaks"), streaming(1, [told(transition(1, 7, 15))]));
    network.tell(B, streaming(2, others), "refused");
    expect(await hear(network, 9)).toEqual([
      "opened 1",
      "1:5",
      "1:6",
      "lost http://a:1: the connection broke",
      "opened 2",
      "2:92",
      "lost http://b:2: the stream ended",
      "opened 1",
      // Back with a node that was heard before: behind what it told last, whatever the clocks say.
      "1:7",
    ]);
    const resumed = network.headersSent.map((headers) => headers["last-event-id"] ?? null);
    expect(resumed).toEqual([null, null, "6"]);
  });

  test("a gap and an end are told", async () => {
    const network = new FakeNetwork();
    const gap = `event: gap\ndata: {"from":59,"first_seq":400}\n\n`;
    const end = `event: end\ndata: {"code":"shutting_down","says":"this node is going"}\n\n`;
    network.tell(A, streaming(1, [gap, end, told(transition(1, 5, 10))]));
    network.tell(B, streaming(2, [], "is silent"));
    expect(await hear(network, 4)).toEqual([
      "opened 1",
      "gap 59 to 400",
      "lost http://a:1: this node is going",
      "opened 2",
    ]);
  });

  test("a node that is silent is left, though its connection stands", async () => {
    const network = new FakeNetwork();
    network.tell(A, streaming(1, [": beat\n\n"], "is silent"));
    network.tell(B, streaming(2, [], "is silent"));
    expect(await hear(network, 3)).toEqual([
      "opened 1",
      "lost http://a:1: nothing was heard for 15 s",
      "opened 2",
    ]);
    expect(network.now).toBeGreaterThanOrEqual(15_000);
  });

  test("one who listens no more leaves no connection behind", async () => {
    const network = new FakeNetwork();
    const requests: Request[] = [];
    network.tell(A, (request) => {
      requests.push(request);
      return streaming(1, [told(transition(1, 5, 10))], "is silent")(request);
    });
    const { surroundings } = network;
    const client = createClient({ endpoints: [A], surroundings });
    for (const heard of [1, 2]) {
      const story = client.inspection.follow();
      for (let at = 0; at < heard; at++) await story.next();
      await story.return();
      expect(requests.at(-1)?.signal.aborted).toBe(true);
    }
  });

  test("while nobody answers it says so, and tries on", async () => {
    const network = new FakeNetwork();
    network.tell(A, "refused");
    network.tell(B, "refused");
    const lost = expect.stringMatching(/^lost null: nobody can be reached: /);
    expect(await hear(network, 3)).toEqual([lost, lost, lost]);
    expect(network.now).toBeGreaterThan(3 * 2_000);
  });

  test("what no try will better is an error", async () => {
    const network = new FakeNetwork();
    network.tell(A, () => answerOf(410, problem(410, "compacted")));
    await expect(hear(network, 1, { from: 1 })).rejects.toMatchObject({ code: "compacted" });
  });
});

test("machines, transitions, chart, live and why come as the routes tell them", async () => {
  const network = new FakeNetwork();
  const { surroundings } = network;
  const { inspection } = createClient({ endpoints: [A], surroundings });
  expect((await inspection.machines()).node).toBe(1);
  expect((await inspection.transitions({ limit: 5, machine: "raft" })).items).toBeArray();
  expect((await inspection.chart()).mermaid).toStartWith("stateDiagram-v2");
  expect((await inspection.chart("replicator/2")).chart).toBe("replicator");
  expect(await inspection.live()).toMatchObject({ node: 1, log: { commit_index: 5 } });
  expect((await inspection.why()).summary).toBeString();
  await expect(inspection.chart("none")).rejects.toMatchObject({ code: "not_found" });
});
