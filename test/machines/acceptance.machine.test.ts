import { describe, expect, test } from "bun:test";
import { type ActorOptions, createActor } from "xstate";
import {
  type AcceptanceEffect,
  type AcceptanceEvent,
  acceptanceMachine,
  defaultAcceptanceTimings,
} from "../../src/machines/acceptance.machine";
import { VirtualClock } from "../actors/links/virtual-clock";
import { unhandledEvents, unknownNames } from "./chart";

const t = defaultAcceptanceTimings;
const refusal = { code: "foreign_cluster", detail: "foreign" } as const;

const ended = (reason: string, faulty: boolean): AcceptanceEffect[] => [
  { type: "dropStream" },
  { type: "reportClosed", reason, faulty },
];

function start() {
  const clock = new VirtualClock();
  const actor = createActor(acceptanceMachine, {
    id: "acceptance",
    clock: clock as NonNullable<ActorOptions<typeof acceptanceMachine>["clock"]>,
    input: defaultAcceptanceTimings,
  });
  let effects: AcceptanceEffect[] = [];
  actor.on("*", (effect) => effects.push(effect));
  const take = () => {
    const taken = effects;
    effects = [];
    return taken;
  };
  actor.start();
  return {
    clock,
    get state() {
      return actor.getSnapshot().value;
    },
    send(event: AcceptanceEvent): AcceptanceEffect[] {
      actor.send(event);
      return take();
    },
    after(ms: number): AcceptanceEffect[] {
      clock.advance(ms);
      return take();
    },
  };
}

function opened() {
  const acceptance = start();
  expect(acceptance.send({ type: "greeting.accepted" })).toEqual([{ type: "sendHelloAccepted" }]);
  expect(acceptance.state).toEqual({ open: "heard" });
  return acceptance;
}

describe("the chart", () => {
  test("names only what it has", () => expect(unknownNames(acceptanceMachine)).toEqual([]));

  test("speaks of every event in every state", () => {
    const events: Record<AcceptanceEvent["type"], true> = {
      "greeting.accepted": true,
      "greeting.refused": true,
      "bytes.received": true,
      "ping.received": true,
      "link.replaced": true,
      "stream.closed": true,
      "stream.faulted": true,
      "stop.requested": true,
    };
    expect(unhandledEvents(acceptanceMachine, Object.keys(events))).toEqual([]);
  });
});

describe("a stranger", () => {
  test("has until the handshake timeout, whatever bytes it sends", () => {
    const acceptance = start();
    expect(acceptance.after(t.handshakeTimeoutMs - 1)).toEqual([]);
    expect(acceptance.send({ type: "bytes.received" })).toEqual([]);
    expect(acceptance.after(1)).toEqual(ended("no greeting within 5 s", true));
  });

  test("is told why it is refused before the stream ends", () => {
    const acceptance = start();
    expect(acceptance.send({ type: "greeting.refused", refusal })).toEqual([
      { type: "sendRefusal", refusal },
      { type: "finishStream" },
    ]);
    expect(acceptance.state).toBe("closing");
    expect(acceptance.send({ type: "bytes.received" })).toEqual([]);
    const closed = acceptance.send({ type: "stream.closed", reason: "closed by the peer" });
    expect(closed).toEqual(ended("refused: foreign", true));
  });

  test("that does not take its refusal is dropped after the flush timeout", () => {
    const acceptance = start();
    acceptance.send({ type: "greeting.refused", refusal });
    expect(acceptance.after(t.flushTimeoutMs - 1)).toEqual([]);
    expect(acceptance.after(1)).toEqual(ended("refused: foreign", true));
  });

  test("that talks nonsense is dropped", () => {
    const acceptance = start();
    const faulted = acceptance.send({ type: "stream.faulted", reason: "no magic" });
    expect(faulted).toEqual(ended("no magic", true));
  });

  test("that leaves by itself is no fault", () => {
    const acceptance = start();
    const closed = acceptance.send({ type: "stream.closed", reason: "closed by the peer" });
    expect(closed).toEqual(ended("closed by the peer", false));
    expect(acceptance.clock.pending).toBe(0);
  });

  test("is dropped at once when we stop", () => {
    expect(start().send({ type: "stop.requested" })).toEqual(ended("this node is stopping", false));
  });
});

describe("an accepted peer", () => {
  test("has its pings answered", () => {
    expect(opened().send({ type: "ping.received" })).toEqual([{ type: "sendPong" }]);
  });

  test("is kept as long as bytes come", () => {
    const acceptance = opened();
    for (let chunks = 0; chunks < 10; chunks++) {
      expect(acceptance.after(2 * t.silenceTimeoutMs - 1)).toEqual([{ type: "listen" }]);
      expect(acceptance.send({ type: "bytes.received" })).toEqual([]);
      expect(acceptance.state).toEqual({ open: "heard" });
    }
  });

  test("is dropped for silence: never before the timeout, never after twice that", () => {
    const acceptance = opened();
    acceptance.after(t.silenceTimeoutMs - 1);
    acceptance.send({ type: "bytes.received" });
    expect(acceptance.after(t.silenceTimeoutMs)).toEqual([{ type: "listen" }]);
    expect(acceptance.after(1)).toEqual(ended("silent for 3 s", true));
  });

  test("is dropped when it has dialled anew", () => {
    expect(opened().send({ type: "link.replaced" })).toEqual(
      ended("replaced by a newer connection of the same node", false),
    );
  });

  test("that talks nonsense is dropped", () => {
    const faulted = opened().send({ type: "stream.faulted", reason: "wrong checksum" });
    expect(faulted).toEqual(ended("wrong checksum", true));
  });

  test("gets what it is owed before we stop", () => {
    const acceptance = opened();
    expect(acceptance.send({ type: "stop.requested" })).toEqual([{ type: "finishStream" }]);
    const closed = acceptance.send({ type: "stream.closed", reason: "closed by the peer" });
    expect(closed).toEqual(ended("this node is stopping", false));
    expect(acceptance.clock.pending).toBe(0);
  });
});
