/** What rigs of the store have in common: a disk, and a process that may die at any use of it. */
import { SimulatedDisk } from "../../src/simulation/disk";

export class MortalRig {
  disk = new SimulatedDisk();
  /** Whether the last process died where `dieAt` said. */
  hasDied = false;

  /** Lets the process die at its `operation`-th operation from now. */
  dieAt(operation: number): void {
    let left = operation;
    this.disk.onOperation = () => {
      if (--left >= 0) return null;
      this.hasDied = true;
      return { kind: "crash" };
    };
  }

  /** Does `work` until it ends or the process dies; true when it ended. */
  survives(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (this.hasDied) return false;
      throw error;
    }
  }

  /** How often `work` uses the disk. */
  operationsOf(work: () => void): number {
    let count = 0;
    this.disk.onOperation = () => {
      count++;
      return null;
    };
    work();
    return count;
  }
}
