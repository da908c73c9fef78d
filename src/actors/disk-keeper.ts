import { decodeCommand } from "../codec/commands";
import { outOfSpace, type RequestError } from "../errors";
import type { PatientLogStore } from "../store/ports";
import type { Clock } from "./clock";
import type { ClusterView } from "./cluster-view";
import type { NodeLimits } from "./limits";
import type { Logger } from "./logger";
import { SyncWatch } from "./sync-watch";

export interface DiskKeeperOptions {
  readonly clock: Clock;
  readonly limits: NodeLimits;
  readonly log: PatientLogStore;
  readonly logger: Logger;
  readonly view: ClusterView;
}

/**
 * Looks after the disk now and then. Room (architecture, "Room on disk"): a leader refuses sets
 * while a quorum lives on its reserve; deletes go on, and sets come back by themselves once there
 * is room. Memory: the durable mark is repeated, so that a log cut short later is noticed.
 */
export class DiskKeeper {
  /** Whether it keeps up. */
  readonly syncs: SyncWatch;
  readonly #options: DiskKeeperOptions;
  #timer: unknown = null;
  #hadRoom = true;

  constructor(options: DiskKeeperOptions) {
    this.#options = options;
    this.syncs = new SyncWatch(options);
  }

  start(): void {
    const { clock, limits } = this.#options;
    this.#timer = clock.setTimeout(() => {
      this.#check();
      this.start();
    }, limits.diskCheckMs);
  }

  stop(): void {
    this.syncs.stop();
    this.#options.clock.clearTimeout(this.#timer);
  }

  /** An error for a write that there is no room for; null for all that may pass. */
  refuse(command: Uint8Array): RequestError | null {
    const { log, view } = this.#options;
    if (log.isFull) return outOfSpace("the disk of this node is full to the last byte");
    if (view.quorumHasRoom()) return null;
    if (decodeCommand(command).op === "delete") return null;
    return outOfSpace("a quorum of nodes is short of disk space; deletes still work");
  }

  #check(): void {
    const { log, logger } = this.#options;
    log.repeatMark();
    if (!log.hasRoom) log.restoreReserve();
    if (log.hasRoom === this.#hadRoom) return;
    this.#hadRoom = log.hasRoom;
    if (log.hasRoom) logger("info", "there is room on the disk again");
    else logger("warn", "the disk is full: living on the reserve");
  }
}
