import type { NodeId } from "../types";
import type { NodeLimits } from "./limits";
import type { Transport } from "./transport";

/**
 * Keeps one promise: no Raft message leaves while a hard state it could speak of is not yet on
 * disk (Raft figure 2: "updated on stable storage before responding to RPCs"). An established
 * leader has no hard state pending, so its data path never waits here.
 *
 * A disk that hangs holds messages back for as long as it hangs. Past the limit the oldest go:
 * Raft repeats what is lost, and of a vote in term 5 and one in term 6 only the later still counts.
 */
export class Outbox {
  readonly #transport: Pick<Transport, "send">;
  readonly #heldMessagesMax: number;
  /** A set for its cheap front: the oldest is its first. */
  readonly #held = new Set<{ readonly to: NodeId; readonly message: Uint8Array }>();
  #hardStatesPending = 0;

  constructor(
    transport: Pick<Transport, "send">,
    { heldMessagesMax }: Pick<NodeLimits, "heldMessagesMax">,
  ) {
    this.#transport = transport;
    this.#heldMessagesMax = heldMessagesMax;
  }

  hardStateRequested(): void {
    this.#hardStatesPending += 1;
  }

  hardStateDurable(): void {
    this.#hardStatesPending -= 1;
    if (this.#hardStatesPending > 0) return;
    for (const { to, message } of this.#held) this.#transport.send(to, message);
    this.#held.clear();
  }

  send(to: NodeId, message: Uint8Array): void {
    if (this.#hardStatesPending > 0) this.#hold(to, message);
    else this.#transport.send(to, message);
  }

  #hold(to: NodeId, message: Uint8Array): void {
    this.#held.add({ to, message });
    const [oldest] = this.#held;
    if (oldest && this.#held.size > this.#heldMessagesMax) this.#held.delete(oldest);
  }
}
