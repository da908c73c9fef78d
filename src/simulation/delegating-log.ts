/** Logs that hand everything on: the ground for whoever watches one call or changes it. */
import type { LogStore, PatientLogStore } from "../store/ports";
import type { HardState, LogEntry, LogIndex, Term } from "../types";

export class DelegatingLog<Log extends LogStore = LogStore> implements LogStore {
  constructor(protected readonly log: Log) {}

  get hasRoom(): boolean {
    return this.log.hasRoom;
  }
  get baseIndex(): LogIndex {
    return this.log.baseIndex;
  }
  get lastIndex(): LogIndex {
    return this.log.lastIndex;
  }
  get durableIndex(): LogIndex {
    return this.log.durableIndex;
  }
  get bytesWritten(): number {
    return this.log.bytesWritten;
  }
  get syncs(): number {
    return this.log.syncs;
  }

  append(
    entries: readonly LogEntry[],
    options: { readonly generation: number; readonly commitIndex: LogIndex },
  ): void {
    this.log.append(entries, options);
  }

  read(first: LogIndex, last: LogIndex, bytesMax: number): readonly LogEntry[] {
    return this.log.read(first, last, bytesMax);
  }

  roll(): void {
    this.log.roll();
  }

  cut(baseIndex: LogIndex): void {
    this.log.cut(baseIndex);
  }

  reset(last: { readonly index: LogIndex; readonly term: Term }): void {
    this.log.reset(last);
  }

  prepareReset(): boolean {
    return this.log.prepareReset();
  }

  persistHardState(hardState: HardState, done: () => void): void {
    this.log.persistHardState(hardState, done);
  }

  restoreReserve(): void {
    this.log.restoreReserve();
  }

  repeatMark(): void {
    this.log.repeatMark();
  }

  clearForgotten(): void {
    this.log.clearForgotten();
  }

  close(done: () => void): void {
    this.log.close(done);
  }
}

export class DelegatingPatientLog
  extends DelegatingLog<PatientLogStore>
  implements PatientLogStore
{
  get isFull(): boolean {
    return this.log.isFull;
  }
}
