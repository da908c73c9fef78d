import type { NodeId } from "../types";
import type { Transport } from "./transport";

/**
 * Keeps one promise: no Raft message leaves while a hard state it could speak of is not yet on
 * disk (Raft figure 2: "updated on stable storage before responding to RPCs"). An established
 * leader has no hard state pending, so its data path never waits here.
 */
export class Outbox {
  readonly #transport: Transport;
  readonly #held: { readonly to: NodeId; readonly message: Uint8Array }[] = [];
  #hardStatesPending = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  hardStateRequested(): void {
    this.#hardStatesPending += 1;
  }

  hardStateDurable(): void {
    this.#hardStatesPending -= 1;
    if (this.#hardStatesPending > 0) return;
    for (const { to, message } of this.#held.splice(0)) this.#transport.send(to, message);
  }

  send(to: NodeId, message: Uint8Array): void {
    if (this.#hardStatesPending > 0) this.#held.push({ to, message });
    else this.#transport.send(to, message);
  }
}
