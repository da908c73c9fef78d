/** Someone who dials a node, greets it, and talks on without waiting for the answer. */
import { FramedStream, type FrameHandlers } from "../actors/links/framed-stream";
import { defaultLinkLimits } from "../actors/links/link-limits";
import type { ByteStream, StreamHandlers } from "../actors/stream";
import type { FrameType } from "../codec/frames";
import { decodeRefusal, encodeHello } from "../codec/greetings";
import { encodePeerMessage } from "../codec/messages";
import type { Hello, Refusal } from "../messages";

/** What nobody must hear. */
const intrusion = encodePeerMessage({
  kind: "request",
  id: 0,
  request: { type: "report" },
  timeoutMs: 1,
});

export class Stranger implements FrameHandlers {
  readonly #stream = new FramedStream(this, defaultLinkLimits, (flush) => flush());

  constructor(
    private readonly hello: Hello,
    private readonly onAnswer: (refusal: Refusal | null) => void,
  ) {}

  knock(dial: (handlers: StreamHandlers) => ByteStream): void {
    this.#stream.attach(dial(this.#stream));
  }

  onOpen(): void {
    this.#stream.send("hello", encodeHello(this.hello));
    this.#stream.send("message", intrusion);
  }

  onFrame(type: FrameType, body: Uint8Array): void {
    this.#stream.drop();
    this.onAnswer(type === "refused" ? decodeRefusal(body) : null);
  }

  onBytes(): void {}
  onDrained(): void {}
  onClosed(): void {}
  onFault(): void {}
}
