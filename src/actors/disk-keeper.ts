import { decodeCommand } from "../codec/commands";
import { outOfSpace, type RequestError } from "../errors";
import { quorumHasRoom } from "../machines/raft/rules/room";
import type { PatientLogStore } from "../store/ports";
import type { Clock } from "./clock";
import type { NodeLimits } from "./limits";
import type { Logger } from "./logger";
import type { RaftHost } from "./raft-host";
import { SyncWatch } from "./sync-watch";

export interface DiskKeeperOptions {
  readonly clock: Clock;
  readonly limits: NodeLimits;
  readonly log: PatientLogStore;
  readonly logger: Logger;
  host(): Pick<RaftHost, "context" | "step">;
}

/**
 * Looks after the disk now and then. Room (architecture, "Room on disk"): a leader refuses sets
 * while a quorum lives on its reserve; deletes go on, and sets come back by themselves once there
 * is room. The chart is told when it is gone: a leader may then hand over. Memory: the durable mark
 * is repeated, so that a log cut short later is noticed.
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

  /** The chart must have started. */
  start(): void {
    const { clock, limits } = this.#options;
    this.look();
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
    const { host, log } = this.#options;
    if (log.isFull) return outOfSpace("the disk of this node is full to the last byte");
    if (quorumHasRoom(host().context)) return null;
    if (decodeCommand(command).op === "delete") return null;
    return outOfSpace("a quorum of nodes is short of disk space; deletes still work");
  }

  /** Tells of the disk where that is news. Appends fill it, so that it is looked at after each. */
  look(): void {
    const { host, log, logger } = this.#options;
    if (log.hasRoom === this.#hadRoom) return;
    this.#hadRoom = log.hasRoom;
    if (log.hasRoom) logger("info", "there is room on the disk again");
    else logger("warn", "the disk is full: living on the reserve");
    const node = host().context.id;
    host().step({ type: log.hasRoom ? "disk.freed" : "disk.filled", node });
  }

  #check(): void {
    const { log } = this.#options;
    log.repeatMark();
    if (!log.hasRoom) log.restoreReserve();
    this.look();
  }
}
