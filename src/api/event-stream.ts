/** Server-sent events: what a watcher is told, as a text that does not end by itself. */
import type { Said, Subscription } from "../observe/watchers";

export const EVENT_STREAM = "text/event-stream";

/** A comment, which no reader takes for an event. */
const SIGN_OF_LIFE = ": beat\n\n";

/** Whether the client wants a stream rather than one answer. */
export const wantsStream = (request: Request): boolean =>
  request.headers
    .get("accept")
    ?.split(",")
    .some((type) => type.split(";", 1)[0]?.trim().toLowerCase() === EVENT_STREAM) ?? false;

/**
 * The events of a subscription, for as long as the client reads. What it has no time for is not
 * queued here: the subscription keeps its place.
 */
export function eventStream(
  subscribe: (onNews: () => void) => Subscription,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const end = () => {
    controller = null;
    subscription.cancel();
  };
  /** Whether there was anything to say, and room for it. */
  const send = (): boolean => {
    if (controller === null) return false;
    // One that reads nothing any more is told so all the same, and its place is free.
    if ((controller.desiredSize ?? 0) <= 0 && !subscription.isLost) return false;
    const said = subscription.take();
    if (said.length === 0) return false;
    const sink = controller;
    const isLast = said.at(-1)?.kind === "end";
    // Before anything is put in: a reader that waits takes it at once, and asks for more.
    if (isLast) end();
    sink.enqueue(encoder.encode(said.map(textOf).join("")));
    if (isLast) sink.close();
    return true;
  };
  const subscription = subscribe(send);
  return new ReadableStream<Uint8Array>({
    start(started) {
      controller = started;
      // The head of an answer leaves with the first byte of its body: whoever watches a quiet node
      // must not take it for a dead one.
      if (!send()) started.enqueue(encoder.encode(SIGN_OF_LIFE));
    },
    pull: () => {
      send();
    },
    cancel: end,
  });
}

function textOf(said: Said): string {
  switch (said.kind) {
    case "beat":
      return SIGN_OF_LIFE;
    case "end":
      return `event: end\ndata: ${JSON.stringify({ code: said.code, says: said.says })}\n\n`;
    case "event": {
      const id = said.id === undefined ? "" : `id: ${said.id}\n`;
      return `${id}event: ${said.event}\ndata: ${said.data}\n\n`;
    }
  }
}
