import { describe, expect, test } from "bun:test";
import { Deadlines } from "../../src/actors/deadlines";
import { PeerRequests, type RequestEnd } from "../../src/actors/peer-requests";
import type { Transport } from "../../src/actors/transport";
import { decodePeerMessage } from "../../src/codec/messages";
import { Life } from "../../src/simulation/life";
import { Seeded } from "../../src/simulation/seeded";
import { VirtualClock } from "../../src/simulation/virtual-clock";
import { incarnation, logIndex, nodeId } from "../../src/types";

const LEADER = nodeId(2);

/** Requests of one life, the ids they were sent under, and how they ended. */
function asking(life: number) {
  const virtual = new VirtualClock(new Seeded("requests"));
  const clock = virtual.clockOf(new Life(() => {}), () => 0);
  const ids: number[] = [];
  const ends: RequestEnd[] = [];
  const transport: Pick<Transport, "send"> = {
    send: (_, message) => {
      const decoded = decodePeerMessage(message);
      if (decoded.kind === "request") ids.push(decoded.id);
      return true;
    },
  };
  const deadlines = new Deadlines(clock);
  const requests = new PeerRequests(incarnation(life), { transport, clock, deadlines });
  const ask = () =>
    requests.send(LEADER, { type: "readIndex" }, { timeoutMs: 100, end: (end) => ends.push(end) });
  return { requests, ask, ids, ends, pass: (ms: number) => virtual.step(virtual.nowMs + ms) };
}

const answer = { type: "readIndex", index: logIndex(7) } as const;

describe("requests to peers", () => {
  test("an answer ends the request it belongs to", () => {
    const { ask, ends, ids, requests } = asking(1);
    ask();
    requests.onAnswer(LEADER, ids[0] ?? 0, answer);
    expect(ends).toEqual([{ kind: "answered", answer }]);
  });

  test("an answer to an earlier life ends nothing", () => {
    const before = asking(1);
    before.ask();
    const after = asking(2);
    after.ask();
    after.requests.onAnswer(LEADER, before.ids[0] ?? 0, answer);
    expect(after.ends).toEqual([]);
  });

  test("an answer from somebody else ends nothing", () => {
    const { ask, ends, ids, requests } = asking(1);
    ask();
    requests.onAnswer(nodeId(3), ids[0] ?? 0, answer);
    expect(ends).toEqual([]);
  });

  test("a lost link and a lapse of time end a request", () => {
    const { ask, ends, pass, requests } = asking(1);
    ask();
    requests.onLinkLost(LEADER);
    ask();
    pass(200);
    expect(ends).toEqual([{ kind: "linkLost" }, { kind: "timedOut" }]);
  });

  test("stopping ends every request as unanswered, and sends no more", () => {
    const { ask, ends, ids, requests } = asking(1);
    ask();
    ask();
    requests.stop();
    expect(ends).toEqual([{ kind: "linkLost" }, { kind: "linkLost" }]);
    expect(ask()).toBe(false);
    expect([ids.length, ends.length]).toEqual([2, 2]);
  });
});
