/** Term and vote as a power loss at this moment would leave them. */
import { HARD_STATE_FILE, slotOffset } from "../store/hard-state";
import { decodeSlot } from "../store/hard-state-slot";
import { type HardState, term } from "../types";
import type { SimulatedDisk } from "./disk";

/** No slot is longer. Units: bytes. */
const SLOT_BYTES_MAX = 128;

const blank: HardState = { term: term(0), votedFor: null };

/** Reads the disk itself, not what anybody says of it. */
export class DurableHardState {
  #settled = -1;
  #known = blank;

  constructor(private readonly disk: SimulatedDisk) {}

  get(): HardState {
    const file = this.disk.durableFile(HARD_STATE_FILE);
    if (file === null) return blank;
    if (file.settled === this.#settled) return this.#known;
    this.#settled = file.settled;
    const [a = null, b = null] = [0, 1].map((place) =>
      decodeSlot(file.readDurable(slotOffset(place), SLOT_BYTES_MAX)),
    );
    const newest = a !== null && (b === null || a.sequence > b.sequence) ? a : b;
    this.#known = newest?.hardState ?? blank;
    return this.#known;
  }
}
