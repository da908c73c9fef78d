/**
 * A peer's link to us, from the accepting side: we hear it here and answer only its greeting and
 * its pings. A stranger has little time and no rights until its greeting is accepted.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import { assert } from "../assert";
import type { Refusal } from "../messages";
import { ignoring } from "./ignoring";

/** Units: ms. */
export interface AcceptanceTimings {
  /** For a stranger to send its greeting. */
  readonly handshakeTimeoutMs: number;
  /** The dialler pings about once a second: so long without a byte and it is gone. */
  readonly silenceTimeoutMs: number;
  /** A refusal, or what is queued at shutdown, may take so long to leave. */
  readonly flushTimeoutMs: number;
}
export const defaultAcceptanceTimings: AcceptanceTimings = {
  handshakeTimeoutMs: 5_000,
  silenceTimeoutMs: 3_000,
  flushTimeoutMs: 1_000,
};

export interface AcceptanceContext {
  readonly timings: AcceptanceTimings;
  /** Why the link ended or is ending, for people; null before. */
  readonly reason: string | null;
  /** Whether it ended for a fault at the other end, which an operator may want to know. */
  readonly faulty: boolean;
}

export type AcceptanceEvent =
  | { readonly type: "greeting.accepted" }
  | { readonly type: "greeting.refused"; readonly refusal: Refusal }
  /** A sign of life, told when one was listened for. */
  | { readonly type: "bytes.received" }
  | { readonly type: "ping.received" }
  /** The same peer has dialled us anew: this link is a relic. */
  | { readonly type: "link.replaced" }
  | { readonly type: "stream.closed"; readonly reason: string }
  /** What came was not what peers send; the stream is closed. */
  | { readonly type: "stream.faulted"; readonly reason: string }
  | { readonly type: "stop.requested" };

export type AcceptanceEffect =
  | { readonly type: "sendHelloAccepted" }
  | { readonly type: "sendRefusal"; readonly refusal: Refusal }
  | { readonly type: "sendPong" }
  /** Say `bytes.received` when the next bytes come. */
  | { readonly type: "listen" }
  /** Close it at once, if there still is one. */
  | { readonly type: "dropStream" }
  /** Close it once what is queued has been taken. */
  | { readonly type: "finishStream" }
  | { readonly type: "reportClosed"; readonly reason: string; readonly faulty: boolean };

const seconds = (ms: number): string => `${ms / 1_000} s`;

const acceptanceSetup = setup({
  types: {
    context: {} as AcceptanceContext,
    events: {} as AcceptanceEvent,
    emitted: {} as AcceptanceEffect,
    input: {} as AcceptanceTimings,
  },
  delays: {
    handshakeTimeout: ({ context }) => context.timings.handshakeTimeoutMs,
    silenceTimeout: ({ context }) => context.timings.silenceTimeoutMs,
    flushTimeout: ({ context }) => context.timings.flushTimeoutMs,
  },
  actions: {
    noteReason: assign(({ event }) => {
      assertEvent(event, "stream.closed");
      return { reason: event.reason };
    }),
    noteFault: assign(({ event }) => {
      assertEvent(event, "stream.faulted");
      return { reason: event.reason, faulty: true };
    }),
    noteRefusal: assign(({ event }) => {
      assertEvent(event, "greeting.refused");
      return { reason: `refused: ${event.refusal.detail}`, faulty: true };
    }),
    noteHandshakeTimeout: assign(({ context }) => ({
      reason: `no greeting within ${seconds(context.timings.handshakeTimeoutMs)}`,
      faulty: true,
    })),
    noteSilence: assign(({ context }) => ({
      reason: `silent for ${seconds(context.timings.silenceTimeoutMs)}`,
      faulty: true,
    })),
    noteReplaced: assign({ reason: "replaced by a newer connection of the same node" }),
    noteStop: assign({ reason: "this node is stopping" }),
    sendHelloAccepted: emit({ type: "sendHelloAccepted" }),
    sendRefusal: emit(({ event }) => {
      assertEvent(event, "greeting.refused");
      return { type: "sendRefusal", refusal: event.refusal };
    }),
    sendPong: emit({ type: "sendPong" }),
    listen: emit({ type: "listen" }),
    dropStream: emit({ type: "dropStream" }),
    finishStream: emit({ type: "finishStream" }),
    reportClosed: emit(({ context: { reason, faulty } }) => {
      assert(reason !== null, "a closed link has a reason");
      return { type: "reportClosed", reason, faulty };
    }),
  },
});

export const acceptanceMachine = acceptanceSetup.createMachine({
  id: "acceptance",
  context: ({ input }) => ({ timings: input, reason: null, faulty: false }),
  initial: "greeting",
  states: {
    greeting: {
      after: { handshakeTimeout: { target: "closed", actions: "noteHandshakeTimeout" } },
      on: {
        "greeting.accepted": "open",
        "greeting.refused": { target: "closing", actions: ["noteRefusal", "sendRefusal"] },
        "stream.closed": { target: "closed", actions: "noteReason" },
        "stream.faulted": { target: "closed", actions: "noteFault" },
        "stop.requested": { target: "closed", actions: "noteStop" },
        ...ignoring("bytes.received", "ping.received", "link.replaced"),
      },
    },
    open: {
      entry: "sendHelloAccepted",
      on: {
        "ping.received": { actions: "sendPong" },
        "link.replaced": { target: "closed", actions: "noteReplaced" },
        "stream.closed": { target: "closed", actions: "noteReason" },
        "stream.faulted": { target: "closed", actions: "noteFault" },
        "stop.requested": { target: "closing", actions: "noteStop" },
        ...ignoring("greeting.accepted", "greeting.refused"),
      },
      initial: "heard",
      states: {
        // Bytes are frequent: no timer is re-armed by them, and none is told of before it is quiet.
        heard: {
          after: { silenceTimeout: "quiet" },
          on: ignoring("bytes.received"),
        },
        quiet: {
          entry: "listen",
          after: { silenceTimeout: { target: "#acceptance.closed", actions: "noteSilence" } },
          on: { "bytes.received": "heard" },
        },
      },
    },
    closing: {
      entry: "finishStream",
      after: { flushTimeout: "closed" },
      on: {
        "stream.closed": "closed",
        "stream.faulted": "closed",
        ...ignoring("greeting.accepted", "greeting.refused", "bytes.received"),
        ...ignoring("ping.received", "link.replaced", "stop.requested"),
      },
    },
    closed: {
      type: "final",
      entry: ["dropStream", "reportClosed"],
    },
  },
});
