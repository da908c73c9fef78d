/** Streams of transitions, as nodes would send them. */
import type { Transition } from "../../src/client";
import { failure } from "./fake-network";

/** A transition of `node`, which happened at `wallMs`. */
export const transition = (
  node: number,
  seq: number,
  wallMs: number,
  more: Partial<Transition> = {},
): Transition => ({
  seq,
  node,
  machine: "raft",
  from: "follower.awaiting",
  event: "after electionTimeout",
  to: "preCandidate",
  term: 7,
  index: 12,
  reason: "heard no leader for 612 ms",
  monotonic_ms: wallMs,
  wall_ms: wallMs,
  ...more,
});

/** As an event of a stream. */
export const told = (item: Transition): string =>
  `id: ${item.seq}\nevent: transition\ndata: ${JSON.stringify(item)}\n\n`;

/** A stream of these pieces, which then ends, breaks, or is silent until it is hung up. */
export const streaming =
  (node: number, pieces: readonly string[], then: "ends" | "breaks" | "is silent" = "ends") =>
  (request: Request): Response => {
    const encoder = new TextEncoder();
    const body = new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(encoder.encode(piece));
        if (then === "ends") controller.close();
        if (then === "is silent") {
          request.signal.addEventListener("abort", () => controller.error(new Error("hung up")));
        }
      },
      pull(controller) {
        if (then === "breaks") controller.error(failure("ECONNRESET"));
      },
    });
    return new Response(body, {
      headers: { "content-type": "text/event-stream", "x-balsa-node": `${node}` },
    });
  };
