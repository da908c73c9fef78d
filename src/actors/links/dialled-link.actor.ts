/** Our link to one peer: owns the stream and the connection machine, and speaks on it. */

import type { FrameType } from "../../codec/frames";
import { decodeHello, decodeRefusal, encodeHello } from "../../codec/greetings";
import { MalformedError } from "../../codec/malformed";
import { type ConnectionEffect, connectionMachine } from "../../machines/connection.machine";
import type { Hello, Refusal } from "../../messages";
import { hostMachine, type MachineHost } from "../machine-host";
import type { LinkStatus, Peer } from "../transport";
import { FramedStream, type FrameHandlers } from "./framed-stream";
import type { LinkEnvironment } from "./link-environment";

export interface DialledLinkHandlers {
  /** What we say of ourselves. */
  hello(): Hello;
  /** Whether the peer's greeting is acceptable to us. */
  judge(hello: Hello): Refusal | null;
  onOpen(hello: Hello): void;
  /** It was open and is no more, for whatever reason: once for each `onOpen`. */
  onLost(reason: string): void;
  onRefusedByPeer(refusal: Refusal): void;
  onRefusedByUs(refusal: Refusal): void;
  onStopped(): void;
}

export class DialledLink implements FrameHandlers {
  private readonly machine: MachineHost<typeof connectionMachine>;
  private stream: FramedStream | null = null;
  private open = false;
  private aliveMs: number | null = null;

  constructor(
    readonly peer: Peer,
    private readonly environment: LinkEnvironment,
    private readonly handlers: DialledLinkHandlers,
  ) {
    this.machine = hostMachine(connectionMachine, {
      id: `connection to ${peer.id}`,
      input: { seed: `${environment.seed}/${peer.id}`, timings: environment.limits.connection },
      clock: environment.clock,
      perform: (effect) => this.perform(effect),
      watch: (snapshot, cause) => environment.watch.connection(peer.id, snapshot, cause),
    });
  }

  /** Queues one encoded message. False when the link is not open or its queue is full. */
  send(message: Uint8Array): boolean {
    return this.open && (this.stream?.send("message", message) ?? false);
  }

  /** The peer was heard elsewhere: no need to wait out a back-off. */
  noteMet(): void {
    this.machine.send({ type: "peer.met" });
  }

  /** Sends what is queued, then closes; `onStopped` follows. */
  stop(): void {
    this.machine.send({ type: "stop.requested" });
  }

  status(): Omit<LinkStatus, "apiAddress" | "isHeard"> {
    const snapshot = this.machine.snapshot();
    const { reason, refusal } = snapshot.context;
    const { aliveMs, peer } = this;
    const shared = { peer: peer.id, address: peer.address, reason, refusal, aliveMs };
    if (snapshot.matches("open")) return { ...shared, state: "open" };
    if (snapshot.matches("connecting")) return { ...shared, state: "connecting" };
    if (snapshot.matches("handshaking")) return { ...shared, state: "handshaking" };
    return { ...shared, state: "backoff" };
  }

  onOpen(): void {
    this.machine.send({ type: "stream.opened" });
  }

  onBytes(): void {
    // Only an answered ping counts here: the peer says nothing else on this link.
  }

  onFrame(type: FrameType, body: Uint8Array): void {
    switch (type) {
      case "helloAccepted":
        this.expectGreeting(type);
        this.weigh(decodeHello(body));
        break;
      case "refused":
        this.expectGreeting(type);
        this.machine.send({ type: "greeting.refused", refusal: decodeRefusal(body), by: "peer" });
        break;
      case "pong":
        this.noteAlive();
        this.machine.send({ type: "pong.received" });
        break;
      default:
        throw new MalformedError("link", `a ${type} frame on a link that we dialled`);
    }
  }

  onDrained(): void {
    this.machine.send({ type: "stream.drained" });
  }

  onClosed(reason: string): void {
    if (this.open) this.noteAlive();
    this.open = false;
    this.machine.send({ type: "stream.closed", reason });
  }

  onFault(reason: string): void {
    this.onClosed(reason);
  }

  private noteAlive(): void {
    this.aliveMs = this.environment.clock.nowMs();
  }

  private expectGreeting(type: FrameType): void {
    if (this.machine.snapshot().matches("handshaking")) return;
    throw new MalformedError("link", `a ${type} frame behind the greeting`);
  }

  private weigh(hello: Hello): void {
    const refusal = this.handlers.judge(hello) ?? this.wrongTarget(hello);
    if (refusal === null) this.machine.send({ type: "greeting.accepted", hello });
    else this.machine.send({ type: "greeting.refused", refusal, by: "us" });
  }

  private wrongTarget({ nodeId }: Hello): Refusal | null {
    const { id, address } = this.peer;
    if (nodeId === id) return null;
    return { code: "wrong_target", detail: `at ${address} is node ${nodeId}, not node ${id}` };
  }

  private perform(effect: ConnectionEffect): void {
    switch (effect.type) {
      case "dial":
        this.dial();
        break;
      case "sendHello":
        this.stream?.send("hello", encodeHello(this.handlers.hello()));
        break;
      case "sendPing":
        this.stream?.send("ping");
        break;
      case "reportOpen":
        this.open = true;
        this.noteAlive();
        this.handlers.onOpen(effect.hello);
        break;
      case "reportLost":
        this.open = false;
        this.handlers.onLost(effect.reason);
        break;
      case "reportRefusal":
        if (effect.by === "peer") this.handlers.onRefusedByPeer(effect.refusal);
        else this.handlers.onRefusedByUs(effect.refusal);
        break;
      case "dropStream":
        this.stream?.drop();
        break;
      case "finishStream":
        this.stream?.finish();
        break;
      case "reportStopped":
        this.handlers.onStopped();
        break;
    }
  }

  private dial(): void {
    const { network, limits, scheduleFlush } = this.environment;
    this.stream = new FramedStream(this, limits, scheduleFlush);
    this.stream.attach(network.dial(this.peer.address, this.stream));
  }
}
