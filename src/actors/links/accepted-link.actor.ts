/** A peer's link to us: a stranger until its greeting is accepted, then the ear for one peer. */
import type { FrameType } from "../../codec/frames";
import { decodeHello, encodeHello, encodeRefusal } from "../../codec/greetings";
import { MalformedError } from "../../codec/malformed";
import { type AcceptanceEffect, acceptanceMachine } from "../../machines/acceptance.machine";
import type { Hello, Refusal } from "../../messages";
import { hostMachine, type MachineHost } from "../machine-host";
import type { ByteStream } from "../stream";
import { FramedStream, type FrameHandlers } from "./framed-stream";
import type { LinkEnvironment } from "./link-environment";

export interface AcceptedLinkHandlers {
  /** What we say of ourselves. */
  hello(): Hello;
  judge(hello: Hello): Refusal | null;
  /** The greeting was accepted; messages follow. */
  onMet(hello: Hello): void;
  onMessage(from: Hello, message: Uint8Array): void;
  onClosed(reason: string, faulty: boolean): void;
}

export class AcceptedLink implements FrameHandlers {
  readonly remote: string;
  readonly stream: FramedStream;
  private readonly machine: MachineHost<typeof acceptanceMachine>;
  /** Who it is; null while it is a stranger. */
  private peer: Hello | null = null;
  /** The chart waits for a sign of life. */
  private listening = false;

  constructor(
    stream: ByteStream,
    private readonly environment: LinkEnvironment,
    private readonly handlers: AcceptedLinkHandlers,
  ) {
    const { limits, clock, scheduleFlush } = environment;
    this.remote = stream.remote;
    this.stream = new FramedStream(this, limits, scheduleFlush).attach(stream);
    this.machine = hostMachine(acceptanceMachine, {
      id: `acceptance of ${stream.remote}`,
      input: limits.acceptance,
      clock,
      perform: (effect) => this.perform(effect),
      watch: (snapshot, cause) => {
        if (this.peer !== null) environment.watch.acceptance(this.peer.nodeId, snapshot, cause);
      },
    });
  }

  /** The same peer has dialled us anew. */
  replace(): void {
    this.machine.send({ type: "link.replaced" });
  }

  stop(): void {
    this.machine.send({ type: "stop.requested" });
  }

  onOpen(): void {
    // An accepted stream is open from the start.
  }

  onBytes(): void {
    if (!this.listening) return;
    this.listening = false;
    this.machine.send({ type: "bytes.received" });
  }

  onFrame(type: FrameType, body: Uint8Array): void {
    if (this.peer === null) this.greet(type, body);
    else if (type === "message") this.handlers.onMessage(this.peer, body);
    else if (type === "ping") this.machine.send({ type: "ping.received" });
    else throw new MalformedError("link", `a ${type} frame on an open link`);
  }

  onDrained(): void {
    // What we owe a peer here is small; there is nothing to hurry.
  }

  onClosed(reason: string): void {
    this.machine.send({ type: "stream.closed", reason });
  }

  onFault(reason: string): void {
    this.machine.send({ type: "stream.faulted", reason });
  }

  private greet(type: FrameType, body: Uint8Array): void {
    // Whoever was refused may talk on until the refusal has reached it.
    if (this.machine.snapshot().matches("closing")) return;
    if (type !== "hello") throw new MalformedError("link", `a ${type} frame before any greeting`);
    const hello = decodeHello(body);
    const refusal = this.handlers.judge(hello);
    if (refusal !== null) {
      this.machine.send({ type: "greeting.refused", refusal });
      return;
    }
    this.peer = hello;
    this.stream.trust(this.environment.limits.frameBytesMax);
    this.machine.send({ type: "greeting.accepted" });
    this.handlers.onMet(hello);
  }

  private perform(effect: AcceptanceEffect): void {
    switch (effect.type) {
      case "sendHelloAccepted":
        this.stream.send("helloAccepted", encodeHello(this.handlers.hello()));
        break;
      case "sendRefusal":
        this.stream.send("refused", encodeRefusal(effect.refusal));
        break;
      case "sendPong":
        this.stream.send("pong");
        break;
      case "listen":
        this.listening = true;
        break;
      case "dropStream":
        this.stream.drop();
        break;
      case "finishStream":
        this.stream.finish();
        break;
      case "reportClosed":
        this.handlers.onClosed(effect.reason, effect.faulty);
        break;
    }
  }
}
