/** What is told of the links: how they begin and end, not their pings and retries. */
import { expect, test } from "bun:test";
import { PeerLinks } from "../../src/actors/links/peer-links";
import type { Refusal } from "../../src/messages";
import { Recorder } from "../../src/observe/recorder";
import { TransitionRing } from "../../src/observe/transition-ring";
import { nodeId, term } from "../../src/types";
import { addressOf, Node, world } from "../actors/links/world";
import { helloOf } from "../codec/greeting-fixture";

/** Node 1, watched, which dials node 2; node 2 is there when it is started. */
async function watched() {
  const shared = world();
  const { clock } = shared;
  const found = { snapshotIndex: 0, lastLogIndex: 0, entries: 0, forgottenUpTo: null };
  const recorder = new Recorder({
    node: nodeId(1),
    recovery: { incarnation: 1, term: term(0), ...found, lifeBefore: null },
    ring: new TransitionRing(),
    nowMs: clock.nowMs,
    wallMs: clock.wallMs,
  });
  const links = new PeerLinks({ ...shared, listen: addressOf(1), seed: 1, watch: recorder });
  await links.start({
    hello: () => helloOf(1),
    judge: () => null,
    onMet: () => {},
    onLost: () => {},
    onRefused: () => {},
    onMessage: () => {},
  });
  links.setPeers([{ id: nodeId(2), address: addressOf(2) }]);
  let told = 1;
  /** What was told since the last question. */
  const news = () => {
    const transitions = recorder.ring.from(told + 1, 100);
    told = recorder.ring.lastSeq;
    return transitions.map(({ event, from, machine, reason, to }) =>
      [machine, from, event, to, reason].join(" | "),
    );
  };
  return { ...shared, links, news, recorder, peer: new Node(shared, 2, [1]) };
}

test("a peer that is not there is told of once, and when it comes", async () => {
  const { clock, news, peer } = await watched();
  clock.advance(0);
  expect(news()).toEqual([
    "link/2 |  | started | connecting | dials node 2",
    "link/2 | connecting | stream.closed | backoff | no link to node 2: connection refused",
  ]);
  clock.advance(600_000);
  expect(news()).toEqual([]);
  await peer.start();
  clock.advance(2_000);
  const greeted = "node 2 and this node accept each other's greetings";
  expect(news().sort()).toEqual([
    "acceptance/2 |  | greeting.accepted | open | node 2 has greeted us and is heard",
    `link/2 | backoff | greeting.accepted | open | ${greeted}`,
  ]);
});

test("open links are open, whatever they ask each other; and then they are lost", async () => {
  const { clock, network, news, peer } = await watched();
  await peer.start();
  clock.advance(2_000);
  news();
  clock.advance(600_000);
  expect(news()).toEqual([]);
  network.swallowsDials = true;
  void peer.links.stop();
  clock.advance(5_000);
  const none = "no link to node 2: no connection within 2 s";
  expect(news().sort()).toEqual([
    expect.stringMatching(
      /^acceptance\/2 \| open \| stream.closed \| closed \| node 2 is heard no more on its link of/,
    ),
    `link/2 | backoff | after connectTimeout | backoff | ${none}`,
    "link/2 | open | stream.closed | backoff | no link to node 2: closed by the peer",
  ]);
});

test("a refusal is told once, with whose it is", async () => {
  const { clock, news, peer } = await watched();
  const refusal: Refusal = { code: "foreign_cluster", detail: "not of this cluster" };
  peer.judge = () => refusal;
  await peer.start();
  clock.advance(600_000);
  const ours = news().filter((line) => line.startsWith("link/2"));
  expect(ours.at(-1)).toBe(
    "link/2 | handshaking | greeting.refused | refused | node 2 refuses us: not of this cluster",
  );
  expect(ours).toHaveLength(3);
});

test("a link that is dialled no more is gone", async () => {
  const { clock, links, news, peer, recorder } = await watched();
  await peer.start();
  clock.advance(2_000);
  news();
  links.setPeers([]);
  clock.advance(2_000);
  expect(news()).toContain(
    "link/2 | open | stop.requested | stopping | this node ends its link to node 2",
  );
  expect(recorder.describe().map(({ machine }) => machine)).not.toContain("link/2");
});
