/**
 * Our link to a peer, from the dialling side: we dial whom we want to speak to.
 *
 * connecting → handshaking → open → backoff → connecting …; `refused` waits longer, since only a
 * person or a restart mends it. The stream itself belongs to the host: what happens to it comes in
 * as events, what shall be done with it leaves as effects.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import { assert } from "../assert";
import type { Hello, Refusal } from "../messages";
import { type BackoffBounds, drawBackoff, jitter } from "./backoff";
import { ignoring } from "./ignoring";
import { type RandomState, seedRandom } from "./random";

/** Units: ms. */
export interface ConnectionTimings extends BackoffBounds {
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  /** Between a sign of life and the next question for one. */
  readonly pingIntervalMs: number;
  /** A ping unanswered for so long ends the link, unless the peer still takes bytes. */
  readonly silenceTimeoutMs: number;
  /** Ceiling of the wait after a refusal. */
  readonly refusedRetryMs: number;
  /** A link that held so long has earned a short first wait again. */
  readonly stableAfterMs: number;
  /** What is queued at shutdown may take so long to leave. */
  readonly flushTimeoutMs: number;
}
export const defaultConnectionTimings: ConnectionTimings = {
  connectTimeoutMs: 2_000,
  handshakeTimeoutMs: 2_000,
  pingIntervalMs: 1_000,
  silenceTimeoutMs: 3_000,
  backoffMsMin: 50,
  backoffMsMax: 1_000,
  refusedRetryMs: 5_000,
  stableAfterMs: 5_000,
  flushTimeoutMs: 1_000,
};

export interface ConnectionContext {
  readonly timings: ConnectionTimings;
  readonly random: RandomState;
  /** Failed links in a row, none of which was stable. */
  readonly failures: number;
  /** Of the present or last wait, drawn when it began. */
  readonly retryDelayMs: number;
  /** Why the link is not open, for people; null while it is or nothing has failed yet. */
  readonly reason: string | null;
  readonly refusal: Refusal | null;
}

export interface ConnectionInput {
  readonly seed: number | string;
  readonly timings: ConnectionTimings;
}

/** A refusal, and who spoke it: "wiped" from a peer is about us, from us about the peer. */
export interface Verdict {
  readonly refusal: Refusal;
  readonly by: "peer" | "us";
}

export type ConnectionEvent =
  | { readonly type: "stream.opened" }
  /** Closed by anyone, or never opened; `reason` is for people. */
  | { readonly type: "stream.closed"; readonly reason: string }
  /** The peer takes bytes again after it had stopped. */
  | { readonly type: "stream.drained" }
  /** The peer accepted us, and we accepted its greeting. */
  | { readonly type: "greeting.accepted"; readonly hello: Hello }
  | ({ readonly type: "greeting.refused" } & Verdict)
  | { readonly type: "pong.received" }
  /** The peer's own link to us was accepted: it lives. */
  | { readonly type: "peer.met" }
  | { readonly type: "stop.requested" };

export type ConnectionEffect =
  | { readonly type: "dial" }
  | { readonly type: "sendHello" }
  | { readonly type: "sendPing" }
  | { readonly type: "reportOpen"; readonly hello: Hello }
  | { readonly type: "reportLost"; readonly reason: string }
  | ({ readonly type: "reportRefusal" } & Verdict)
  /** Close it at once, if there still is one. */
  | { readonly type: "dropStream" }
  /** Close it once what is queued has been taken. */
  | { readonly type: "finishStream" }
  | { readonly type: "reportStopped" };

const seconds = (ms: number): string => `${ms / 1_000} s`;

const connectionSetup = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    emitted: {} as ConnectionEffect,
    input: {} as ConnectionInput,
  },
  delays: {
    connectTimeout: ({ context }) => context.timings.connectTimeoutMs,
    handshakeTimeout: ({ context }) => context.timings.handshakeTimeoutMs,
    pingInterval: ({ context }) => context.timings.pingIntervalMs,
    silenceTimeout: ({ context }) => context.timings.silenceTimeoutMs,
    stableAfter: ({ context }) => context.timings.stableAfterMs,
    flushTimeout: ({ context }) => context.timings.flushTimeoutMs,
    retryDelay: ({ context }) => context.retryDelayMs,
  },
  actions: {
    noteReason: assign(({ event }) => {
      assertEvent(event, "stream.closed");
      return { reason: event.reason, refusal: null };
    }),
    noteConnectTimeout: assign(({ context }) => ({
      reason: `no connection within ${seconds(context.timings.connectTimeoutMs)}`,
      refusal: null,
    })),
    noteHandshakeTimeout: assign(({ context }) => ({
      reason: `no greeting within ${seconds(context.timings.handshakeTimeoutMs)}`,
      refusal: null,
    })),
    noteSilence: assign(({ context }) => ({
      reason: `silent for ${seconds(context.timings.silenceTimeoutMs)}`,
    })),
    noteRefusal: assign(({ event }) => {
      assertEvent(event, "greeting.refused");
      return { reason: event.refusal.detail, refusal: event.refusal };
    }),
    forgetReason: assign({ reason: null, refusal: null }),
    noteStop: assign({ reason: "this node is stopping" }),
    forgetFailures: assign({ failures: 0 }),
    drawBackoff: assign(({ context }) => {
      const failures = context.failures + 1;
      const [retryDelayMs, random] = drawBackoff(context.timings, failures, context.random);
      return { failures, retryDelayMs, random };
    }),
    drawRefusedDelay: assign(({ context }) => {
      const [retryDelayMs, random] = jitter(context.timings.refusedRetryMs, context.random);
      return { retryDelayMs, random };
    }),
    dial: emit({ type: "dial" }),
    sendHello: emit({ type: "sendHello" }),
    sendPing: emit({ type: "sendPing" }),
    dropStream: emit({ type: "dropStream" }),
    finishStream: emit({ type: "finishStream" }),
    reportOpen: emit(({ event }) => {
      assertEvent(event, "greeting.accepted");
      return { type: "reportOpen", hello: event.hello };
    }),
    reportLost: emit(({ context }) => {
      assert(context.reason !== null, "a lost link has a reason");
      return { type: "reportLost", reason: context.reason };
    }),
    reportRefusal: emit(({ event }) => {
      assertEvent(event, "greeting.refused");
      return { type: "reportRefusal", refusal: event.refusal, by: event.by };
    }),
    reportStopped: emit({ type: "reportStopped" }),
  },
});

export const connectionMachine = connectionSetup.createMachine({
  id: "connection",
  context: ({ input }) => ({
    timings: input.timings,
    random: seedRandom(input.seed),
    failures: 0,
    retryDelayMs: 0,
    reason: null,
    refusal: null,
  }),
  initial: "connecting",
  states: {
    connecting: {
      entry: "dial",
      after: { connectTimeout: { target: "backoff", actions: "noteConnectTimeout" } },
      on: {
        "stream.opened": "handshaking",
        "stream.closed": { target: "backoff", actions: "noteReason" },
        "stop.requested": "stopped",
        ...ignoring("peer.met", "greeting.accepted", "greeting.refused"),
        ...ignoring("stream.drained", "pong.received"),
      },
    },
    handshaking: {
      entry: "sendHello",
      after: { handshakeTimeout: { target: "backoff", actions: "noteHandshakeTimeout" } },
      on: {
        "greeting.accepted": { target: "open", actions: ["forgetReason", "reportOpen"] },
        "greeting.refused": { target: "refused", actions: ["noteRefusal", "reportRefusal"] },
        "stream.closed": { target: "backoff", actions: "noteReason" },
        "stop.requested": "stopped",
        ...ignoring("peer.met", "stream.opened", "stream.drained", "pong.received"),
      },
    },
    open: {
      after: { stableAfter: { actions: "forgetFailures" } },
      on: {
        "stream.closed": { target: "backoff", actions: ["noteReason", "reportLost"] },
        "stop.requested": { target: "stopping", actions: ["noteStop", "reportLost"] },
        ...ignoring("peer.met", "stream.opened", "greeting.accepted", "greeting.refused"),
      },
      initial: "heard",
      states: {
        heard: {
          after: { pingInterval: "asked" },
          on: ignoring("pong.received", "stream.drained"),
        },
        asked: {
          entry: "sendPing",
          initial: "waiting",
          on: { "pong.received": "heard" },
          states: {
            waiting: {
              after: {
                silenceTimeout: {
                  target: "#connection.backoff",
                  actions: ["noteSilence", "reportLost"],
                },
              },
              // The ping may stand behind much that is queued: a peer that takes bytes is alive.
              on: { "stream.drained": { target: "waiting", reenter: true } },
            },
          },
        },
      },
    },
    backoff: {
      entry: ["dropStream", "drawBackoff"],
      after: { retryDelay: "connecting" },
      on: {
        "peer.met": "connecting",
        "stop.requested": "stopped",
        ...ignoring("stream.opened", "stream.closed", "stream.drained"),
        ...ignoring("greeting.accepted", "greeting.refused", "pong.received"),
      },
    },
    refused: {
      entry: ["dropStream", "drawRefusedDelay"],
      after: { retryDelay: "connecting" },
      on: {
        "peer.met": "connecting",
        "stop.requested": "stopped",
        ...ignoring("stream.opened", "stream.closed", "stream.drained"),
        ...ignoring("greeting.accepted", "greeting.refused", "pong.received"),
      },
    },
    stopping: {
      entry: "finishStream",
      after: { flushTimeout: "stopped" },
      on: {
        "stream.closed": "stopped",
        ...ignoring("stop.requested", "peer.met", "stream.opened", "stream.drained"),
        ...ignoring("greeting.accepted", "greeting.refused", "pong.received"),
      },
    },
    stopped: {
      type: "final",
      entry: ["dropStream", "reportStopped"],
    },
  },
});
