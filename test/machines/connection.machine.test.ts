import { describe, expect, test } from "bun:test";
import { type ActorOptions, createActor } from "xstate";
import {
  type ConnectionEffect,
  type ConnectionEvent,
  connectionMachine,
  defaultConnectionTimings,
} from "../../src/machines/connection.machine";
import { VirtualClock } from "../actors/links/virtual-clock";
import { helloOf } from "../codec/greeting-fixture";
import { unhandledEvents, unknownNames } from "./chart";

const hello = helloOf(2);
const accepted: ConnectionEvent = { type: "greeting.accepted", hello };
const closed: ConnectionEvent = { type: "stream.closed", reason: "connection reset" };
const refused: ConnectionEvent = {
  type: "greeting.refused",
  refusal: { code: "removed", detail: "who are you" },
  by: "peer",
};
const t = defaultConnectionTimings;

/** The machine with its clock, and the effects since last asked. */
function start() {
  const clock = new VirtualClock();
  const actor = createActor(connectionMachine, {
    id: "connection",
    clock: clock as NonNullable<ActorOptions<typeof connectionMachine>["clock"]>,
    input: { seed: 1, timings: defaultConnectionTimings },
  });
  let effects: ConnectionEffect[] = [];
  actor.on("*", (effect) => effects.push(effect));
  const take = () => {
    const taken = effects;
    effects = [];
    return taken;
  };
  actor.start();
  return {
    clock,
    take,
    get state() {
      return actor.getSnapshot().value;
    },
    get context() {
      return actor.getSnapshot().context;
    },
    send(...events: ConnectionEvent[]): ConnectionEffect[] {
      for (const event of events) actor.send(event);
      return take();
    },
    after(ms: number): ConnectionEffect[] {
      clock.advance(ms);
      return take();
    },
  };
}

/** Through the greeting; its effects are taken. */
function opened() {
  const connection = start();
  connection.send({ type: "stream.opened" }, accepted);
  expect(connection.state).toEqual({ open: "heard" });
  return connection;
}

describe("the chart", () => {
  test("names only what it has", () => expect(unknownNames(connectionMachine)).toEqual([]));

  test("speaks of every event in every state", () => {
    const events: Record<ConnectionEvent["type"], true> = {
      "stream.opened": true,
      "stream.closed": true,
      "stream.drained": true,
      "greeting.accepted": true,
      "greeting.refused": true,
      "pong.received": true,
      "peer.met": true,
      "stop.requested": true,
    };
    expect(unhandledEvents(connectionMachine, Object.keys(events))).toEqual([]);
  });
});

describe("connecting", () => {
  test("dials, greets, and is open once both sides agree", () => {
    const connection = start();
    expect(connection.state).toBe("connecting");
    expect(connection.take()).toEqual([{ type: "dial" }]);
    expect(connection.send({ type: "stream.opened" })).toEqual([{ type: "sendHello" }]);
    expect(connection.state).toBe("handshaking");
    expect(connection.send(accepted)).toEqual([{ type: "reportOpen", hello }]);
    expect(connection.state).toEqual({ open: "heard" });
  });

  test("a failed dial waits, then dials again", () => {
    const connection = start();
    connection.take();
    expect(connection.send(closed)).toEqual([{ type: "dropStream" }]);
    expect(connection.state).toBe("backoff");
    expect(connection.context.reason).toBe("connection reset");
    expect(connection.after(connection.context.retryDelayMs - 1)).toEqual([]);
    expect(connection.after(1)).toEqual([{ type: "dial" }]);
    expect(connection.state).toBe("connecting");
  });

  test("a dial without an end is dropped after the connect timeout", () => {
    const connection = start();
    connection.take();
    expect(connection.after(t.connectTimeoutMs - 1)).toEqual([]);
    expect(connection.after(1)).toEqual([{ type: "dropStream" }]);
    expect(connection.state).toBe("backoff");
    expect(connection.context.reason).toBe("no connection within 2 s");
  });

  test("a peer that never greets is dropped after the handshake timeout", () => {
    const connection = start();
    connection.send({ type: "stream.opened" });
    expect(connection.after(t.handshakeTimeoutMs - 1)).toEqual([]);
    expect(connection.after(1)).toEqual([{ type: "dropStream" }]);
    expect(connection.context.reason).toBe("no greeting within 2 s");
  });
});

describe("back-off", () => {
  /** Waits of `count` failures in a row. */
  function waits(connection: ReturnType<typeof start>, count: number): number[] {
    return Array.from({ length: count }, () => {
      connection.send(closed);
      const wait = connection.context.retryDelayMs;
      connection.after(wait);
      expect(connection.state).toBe("connecting");
      return wait;
    });
  }

  test("doubles up to its ceiling, half of it jitter", () => {
    const drawn = waits(start(), 8);
    drawn.forEach((wait, failures) => {
      const ceiling = Math.min(t.backoffMsMax, t.backoffMsMin * 2 ** failures);
      expect(wait).toBeWithin(ceiling / 2, ceiling + 1);
    });
    expect(new Set(drawn.slice(5)).size).toBe(3);
  });

  test("is the same for the same seed", () => expect(waits(start(), 8)).toEqual(waits(start(), 8)));

  test("starts small again after a link that was stable", () => {
    const connection = start();
    waits(connection, 6);
    connection.send({ type: "stream.opened" }, accepted);
    for (let ms = 0; ms < t.stableAfterMs; ms += t.pingIntervalMs) {
      connection.after(t.pingIntervalMs);
      connection.send({ type: "pong.received" });
    }
    connection.send(closed);
    expect(connection.context).toMatchObject({ failures: 1 });
    expect(connection.context.retryDelayMs).toBeLessThanOrEqual(t.backoffMsMin);
  });

  test("goes on growing after a link that was not", () => {
    const connection = start();
    waits(connection, 6);
    connection.send({ type: "stream.opened" }, accepted, closed);
    expect(connection.context.failures).toBe(7);
  });

  for (const state of ["backoff", "refused"] as const) {
    test(`${state} ends at once when the peer is met elsewhere`, () => {
      const connection = start();
      connection.send({ type: "stream.opened" }, state === "backoff" ? closed : refused);
      expect(connection.state).toBe(state);
      expect(connection.send({ type: "peer.met" })).toEqual([{ type: "dial" }]);
      expect(connection.state).toBe("connecting");
    });
  }
});

describe("a refusal", () => {
  test("is reported with its speaker, and tried again slowly", () => {
    const connection = start();
    connection.send({ type: "stream.opened" });
    expect(connection.send(refused)).toEqual([
      { ...refused, type: "reportRefusal" },
      { type: "dropStream" },
    ]);
    expect(connection.state).toBe("refused");
    expect(connection.context).toMatchObject({
      reason: "who are you",
      refusal: { code: "removed" },
    });
    expect(connection.after(t.refusedRetryMs / 2 - 1)).toEqual([]);
    expect(connection.after(t.refusedRetryMs / 2 + 1)).toEqual([{ type: "dial" }]);
  });

  test("is forgotten once the link is open", () => {
    const connection = start();
    connection.send({ type: "stream.opened" }, refused, { type: "peer.met" });
    connection.send({ type: "stream.opened" }, accepted);
    expect(connection.context).toMatchObject({ reason: null, refusal: null });
  });

  test("gives way to what happened last", () => {
    const connection = start();
    connection.send({ type: "stream.opened" }, refused, { type: "peer.met" }, closed);
    expect(connection.context).toMatchObject({ reason: "connection reset", refusal: null });
  });
});

describe("an open link", () => {
  test("asks for a sign of life after every interval", () => {
    const connection = opened();
    expect(connection.after(t.pingIntervalMs - 1)).toEqual([]);
    expect(connection.after(1)).toEqual([{ type: "sendPing" }]);
    expect(connection.state).toEqual({ open: { asked: "waiting" } });
    expect(connection.send({ type: "pong.received" })).toEqual([]);
    expect(connection.state).toEqual({ open: "heard" });
    expect(connection.after(t.pingIntervalMs)).toEqual([{ type: "sendPing" }]);
  });

  test("is lost when a ping goes unanswered", () => {
    const connection = opened();
    connection.after(t.pingIntervalMs);
    expect(connection.after(t.silenceTimeoutMs - 1)).toEqual([]);
    expect(connection.after(1)).toEqual([
      { type: "reportLost", reason: "silent for 3 s" },
      { type: "dropStream" },
    ]);
    expect(connection.state).toBe("backoff");
  });

  test("is kept while the peer still takes what is queued before the ping", () => {
    const connection = opened();
    connection.after(t.pingIntervalMs);
    for (let drains = 0; drains < 5; drains++) {
      expect(connection.after(t.silenceTimeoutMs - 1)).toEqual([]);
      expect(connection.send({ type: "stream.drained" })).toEqual([]);
    }
    expect(connection.after(t.silenceTimeoutMs)).not.toEqual([]);
    expect(connection.state).toBe("backoff");
  });

  test("is reported lost when the stream closes", () => {
    const connection = opened();
    expect(connection.send(closed)).toEqual([
      { type: "reportLost", reason: "connection reset" },
      { type: "dropStream" },
    ]);
  });
});

describe("stopping", () => {
  test("an open link sends what is queued first", () => {
    const connection = opened();
    expect(connection.send({ type: "stop.requested" })).toEqual([
      { type: "reportLost", reason: "this node is stopping" },
      { type: "finishStream" },
    ]);
    expect(connection.state).toBe("stopping");
    expect(connection.send(closed)).toEqual([{ type: "dropStream" }, { type: "reportStopped" }]);
    expect(connection.state).toBe("stopped");
    expect(connection.clock.pending).toBe(0);
  });

  test("but not for longer than the flush timeout", () => {
    const connection = opened();
    connection.send({ type: "stop.requested" });
    expect(connection.after(t.flushTimeoutMs - 1)).toEqual([]);
    expect(connection.after(1)).toEqual([{ type: "dropStream" }, { type: "reportStopped" }]);
  });

  const ways = [
    ["connecting", []],
    ["handshaking", [{ type: "stream.opened" }]],
    ["backoff", [closed]],
    ["refused", [{ type: "stream.opened" }, refused]],
  ] as const;
  for (const [state, way] of ways) {
    test(`${state} stops at once, for good`, () => {
      const connection = start();
      connection.send(...way);
      expect(connection.state).toBe(state);
      const effects = connection.send({ type: "stop.requested" });
      expect(effects).toEqual([{ type: "dropStream" }, { type: "reportStopped" }]);
      expect(connection.clock.pending).toBe(0);
      expect(connection.send({ type: "peer.met" })).toEqual([]);
    });
  }
});
