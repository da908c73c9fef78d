import { decodeCommand } from "../codec/commands";
import { outOfSpace, type RequestError } from "../errors";
import type { LogStore } from "../store/ports";
import type { Clock } from "./clock";
import type { ClusterView } from "./cluster-view";
import type { NodeLimits } from "./limits";
import type { Logger } from "./logger";

export interface RoomKeeperOptions {
  readonly clock: Clock;
  readonly limits: NodeLimits;
  readonly log: LogStore;
  readonly logger: Logger;
  readonly view: ClusterView;
}

/**
 * Watches disk space (architecture, "Room on disk"): a leader refuses sets while a quorum lives on
 * its reserve; deletes go on, and sets come back by themselves once there is room.
 */
export class RoomKeeper {
  readonly #options: RoomKeeperOptions;
  #timer: unknown = null;
  #hadRoom = true;

  constructor(options: RoomKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, limits } = this.#options;
    this.#timer = clock.setTimeout(() => {
      this.#check();
      this.start();
    }, limits.roomCheckMs);
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
  }

  /** An error for a set that there is no room for; null for all that may pass. */
  refuse(command: Uint8Array): RequestError | null {
    if (this.#options.view.quorumHasRoom()) return null;
    if (decodeCommand(command).op === "delete") return null;
    return outOfSpace("a quorum of nodes is short of disk space; deletes still work");
  }

  #check(): void {
    const { log, logger } = this.#options;
    if (!log.hasRoom) log.restoreReserve();
    if (log.hasRoom === this.#hadRoom) return;
    this.#hadRoom = log.hasRoom;
    if (log.hasRoom) logger("info", "there is room on the disk again");
    else logger("warn", "the disk is full: living on the reserve");
  }
}
