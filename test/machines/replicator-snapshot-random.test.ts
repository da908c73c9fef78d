/**
 * A snapshot over a bad network: chunks and answers are lost, doubled and late, links break, the
 * peer forgets what it had. Whatever happens, once it ends the peer has the whole, in order.
 */
import { expect, test } from "bun:test";
import { compact } from "../../src/machines/log-shape";
import { logIndex } from "../../src/types";
import { type SeededRandom, seededRandom } from "../seeded-random";
import { logOf, snapshotAt } from "./raft-words";
import { type Asked, ReplicatorDriver } from "./replicator-driver";

const BASE = 4;
const log = compact(logOf(1, 1, 1, 1, 1, 1), logIndex(BASE));

/** Takes chunks in order, as the follower's rule does. */
class Peer {
  receivedBytes = 0;
  takenChunks = 0;
  take(offset: number, byteLength: number): number {
    if (offset === this.receivedBytes) {
      this.receivedBytes += byteLength;
      this.takenChunks += 1;
    }
    return this.receivedBytes;
  }
}

class Transfer {
  readonly peer = new Peer();
  readonly snapshot;
  readonly #driver: ReplicatorDriver;
  readonly #seeded: SeededRandom;
  /** On their way, in either direction. */
  #sent: Asked[] = [];
  #answers: (() => readonly Asked[])[] = [];

  constructor(seeded: SeededRandom) {
    this.#seeded = seeded;
    const { below } = seeded;
    this.snapshot = snapshotAt([5, 1], { byteLength: 1 + below(200) });
    const window = { snapshotChunkBytes: 1 + below(20), snapshotChunksMax: 1 + below(4) };
    this.#driver = new ReplicatorDriver(log, window);
    this.#note(this.#driver.beat().asked);
  }

  get isOver(): boolean {
    return this.#driver.state === "replicate";
  }

  /** One heartbeat, and what it brings about; `isBad` while the network may do as it likes. */
  beat({ isBad }: { readonly isBad: boolean }): void {
    const { below } = this.#seeded;
    if (isBad && below(20) === 0) this.peer.receivedBytes = 0;
    if (isBad && below(20) === 0) {
      this.#sent = [];
      this.#answers = [];
      this.#note(this.#driver.lose().asked);
    }
    this.#note(this.#driver.beat().asked);
    const rounds = isBad ? below(4) : 100;
    for (let round = 0; round < rounds; round++) {
      for (const asked of this.#drawn(this.#sent.splice(0), isBad)) this.#deliver(asked);
      for (const answer of this.#drawn(this.#answers.splice(0), isBad)) this.#note(answer());
    }
  }

  #drawn<T>(sent: readonly T[], isBad: boolean): readonly T[] {
    if (!isBad) return sent;
    const { below } = this.#seeded;
    return sent.flatMap((one) => (below(3) === 0 ? [] : below(5) === 0 ? [one, one] : [one]));
  }

  #note(asked: readonly Asked[]): void {
    for (const one of asked) {
      if (one === "behind") this.#note(this.#driver.offer(this.snapshot).asked);
      else if (one !== "done") this.#sent.push(one);
    }
    const { transfer, window } = this.#driver.context;
    if (transfer === null) return;
    const inFlight = transfer.sentBytes - transfer.acknowledgedBytes;
    expect(inFlight).toBeGreaterThanOrEqual(0);
    expect(inFlight).toBeLessThanOrEqual(window.snapshotChunksMax * window.snapshotChunkBytes);
    expect(transfer.sentBytes).toBeLessThanOrEqual(this.snapshot.byteLength);
  }

  #deliver(asked: Asked): void {
    const driver = this.#driver;
    if (typeof asked === "string") return;
    if (asked[0] === "chunk") {
      const [, offset, byteLength = 0] = asked;
      const received = this.peer.take(Number(offset), byteLength);
      this.#answers.push(() => driver.receive(this.snapshot, received).asked);
      return;
    }
    const [prev] = asked;
    const isWhole = this.peer.receivedBytes === this.snapshot.byteLength;
    this.#answers.push(() => (isWhole ? driver.accept(5) : driver.reject(prev, [1, null])).asked);
  }
}

test("a snapshot arrives whole, whatever the network does", () => {
  const seeded = seededRandom("snapshot transfer");
  for (let life = 0; life < 300; life++) {
    const transfer = new Transfer(seeded);
    const badBeats = seeded.below(60);
    for (let beat = 0; beat < badBeats && !transfer.isOver; beat++) transfer.beat({ isBad: true });
    for (let beat = 0; beat < 100 && !transfer.isOver; beat++) transfer.beat({ isBad: false });
    expect(transfer.isOver).toBe(true);
    expect(transfer.peer.receivedBytes).toBe(transfer.snapshot.byteLength);
  }
});
