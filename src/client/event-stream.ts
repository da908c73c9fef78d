/** Server-sent events, as they come. */
import { createParser, type EventSourceMessage } from "eventsource-parser";

/** The events of a body; `onLife` is called for every sign of life, comments included. */
export async function* eventsIn(
  body: ReadableStream<Uint8Array>,
  onLife: () => void,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  const utf8 = new TextDecoder();
  const heard: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => heard.push(event) });
  for await (const chunk of body) {
    onLife();
    parser.feed(utf8.decode(chunk, { stream: true }));
    yield* heard.splice(0);
  }
}
