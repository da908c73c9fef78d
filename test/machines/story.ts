/**
 * A few Raft machines and what is said between them, told as text. Messages wait in one queue until
 * the script delivers or loses them; disks are done at once. Nothing here is random.
 */
import { SIZE_MARK_SPACING_BYTES } from "../../src/machines/log-shape";
import type { RaftEffect } from "../../src/machines/raft/vocabulary";
import { defaultWindow } from "../../src/machines/replicator.machine";
import type { OutgoingRaftMessage, RaftMessage } from "../../src/messages";
import { type HardState, indexPlus, type LogEntry } from "../../src/types";
import { MachineDriver, preCampaign, type Step, timing } from "./machine-driver";
import { command, entryAt, hardState, logOfEntries, votersUpTo } from "./raft-words";
import { describeMessage, type Names, termsOf } from "./story-words";

/** A member: what its disk holds, and its machine while it is up. */
interface Member {
  readonly name: string;
  machine: MachineDriver | null;
  hardState: HardState;
  log: LogEntry[];
  commitIndex: number;
}
export interface Letter {
  readonly from: string;
  readonly to: string;
  readonly message: RaftMessage;
}
export interface Deliveries {
  readonly isLost?: (letter: Letter) => boolean;
  readonly waits?: (letter: Letter) => boolean;
}
const never = () => false;

export interface Cast {
  /** The terms of the entries each member begins with. */
  readonly logs: Readonly<Record<string, readonly number[]>>;
  readonly term: number;
  readonly commitIndex: number;
}

/** Each entry has a size mark of its own, so that one goes in each message. */
const RECORD = new Uint8Array(SIZE_MARK_SPACING_BYTES);

export class Story {
  readonly #lines: string[] = [];
  readonly #members: readonly Member[];
  readonly #isOneByOne: boolean;
  readonly #queue: Letter[] = [];

  constructor({ logs, term, commitIndex }: Cast, { isOneByOne = false } = {}) {
    this.#isOneByOne = isOneByOne;
    this.#members = Object.entries(logs).map(([name, terms]) => ({
      name,
      machine: null,
      hardState: hardState(term),
      log: terms.map((of, at) => ({ ...entryAt([at + 1, of]), record: RECORD })),
      commitIndex,
    }));
    for (const member of this.#members) this.#start(member);
  }

  /** What has been told since it was last taken. */
  takeText(): string {
    return `${this.#lines.splice(0).join("\n")}\n`;
  }

  say(...lines: readonly string[]): void {
    this.#lines.push(...(this.#lines.length > 0 ? [""] : []), ...lines.map((line) => `# ${line}`));
  }

  /** All logs, term by term, and how far each is known to be committed. */
  showLogs(): void {
    const width = Math.max(...this.#members.map(({ name }) => name.length));
    const longest = Math.max(...this.#members.map(({ log }) => log.length));
    const cell = (text: unknown) => String(text).padStart(3);
    const row = (name: string, cells: readonly unknown[], end: string) =>
      `  ${name.padEnd(width)} ${cells
        .map(cell)
        .join("")
        .padEnd(3 * longest)}  ${end}`.trimEnd();
    const indexes = Array.from({ length: longest }, (_, at) => at + 1);
    this.#lines.push(row("", indexes, ""));
    for (const { name, log, machine, commitIndex } of this.#members) {
      const state =
        machine === null ? "down" : `${machine.state}, term ${machine.context.currentTerm}`;
      const terms = log.map(({ term }) => term);
      this.#lines.push(row(name, terms, `committed ${commitIndex}, ${state}`));
    }
  }

  /** Leases run out, and `name`'s election timer is the first to fire. */
  timeOut(name: string): void {
    for (const { machine } of this.#members) {
      while (machine?.state === "follower.leased") machine.timeOut();
    }
    this.#lines.push(`${name}: its election timer fires`);
    this.#tell(this.#member(name), preCampaign);
  }

  beat(name: string): void {
    this.#lines.push(`${name}: a heartbeat is due`);
    this.#tell(this.#member(name), (machine) => machine.elapse(timing.heartbeatIntervalMs));
  }

  propose(name: string, text: string): void {
    this.#lines.push(`${name}: a client proposes "${text}"`);
    this.#tell(this.#member(name), (machine) =>
      machine.hear({ type: "client.proposed", commands: [command(text)] }),
    );
  }

  crash(name: string): void {
    const member = this.#member(name);
    member.machine = null;
    this.#lines.push(`${name}: crashes`);
  }

  restart(name: string): void {
    this.#lines.push(`${name}: restarts`);
    this.#start(this.#member(name));
  }

  /** Delivers what waits, and what that brings about, up to the first that is to wait. */
  deliver({ isLost = never, waits = never }: Deliveries = {}): void {
    for (let letter = this.#queue[0]; letter && !waits(letter); letter = this.#queue[0]) {
      this.#queue.shift();
      const { from, to, message } = letter;
      const member = this.#member(to);
      const line = `${from} → ${to}  ${describeMessage(message)}`;
      const isGone = member.machine === null || isLost(letter);
      this.#lines.push(isGone ? `${line}  ✗ lost` : line);
      if (isGone) continue;
      const sender = this.#idOf(from);
      this.#tell(member, (machine) => machine.receive(sender, message));
    }
  }

  get names(): Names {
    return (id) => this.#members[id - 1]?.name ?? `node ${id}`;
  }

  #idOf(name: string): number {
    return this.#members.findIndex((member) => member.name === name) + 1;
  }

  #member(name: string): Member {
    const member = this.#members.find((one) => one.name === name);
    if (member === undefined) throw new Error(`nobody is called ${name}`);
    return member;
  }

  #start(member: Member): void {
    member.machine = new MachineDriver({
      id: this.#idOf(member.name),
      voters: votersUpTo(this.#members.length),
      log: logOfEntries(member.log),
      hardState: member.hardState,
      commitIndex: member.commitIndex,
      seed: member.name,
      window: {
        ...defaultWindow,
        bytesMax: Number.MAX_SAFE_INTEGER,
        messageBytesMax: this.#isOneByOne ? 1 : Number.MAX_SAFE_INTEGER,
      },
    });
  }

  /** One step, its effects carried out, and then what the disks have to say of them. */
  #tell(member: Member, take: (machine: MachineDriver) => Step): void {
    const { machine } = member;
    if (machine === null) throw new Error(`${member.name} is down`);
    const { effects } = take(machine);
    for (const effect of effects) this.#carryOut(member, effect);
    for (const effect of effects) {
      if (effect.type === "persistHardState") {
        const { term, votedFor } = effect.hardState;
        this.#tell(member, (one) => one.persisted(term, votedFor));
      }
      if (effect.type === "appendDrafts" || effect.type === "appendEntries") {
        this.#tell(member, (one) => one.written(member.log.length, effect.generation));
      }
    }
  }

  #carryOut(member: Member, effect: RaftEffect): void {
    switch (effect.type) {
      case "persistHardState":
        member.hardState = effect.hardState;
        this.#note(describeHardState(effect.hardState, this.names));
        break;
      case "appendDrafts":
        this.#append(
          member,
          effect.drafts.map((_, offset) => ({
            ...entryAt([effect.firstIndex + offset, effect.term]),
            record: RECORD,
          })),
        );
        break;
      case "appendEntries":
        this.#append(member, effect.entries);
        break;
      case "applyCommitted":
        member.commitIndex = effect.commitIndex;
        this.#note(`commits up to ${effect.commitIndex}`);
        break;
      case "takeOffice":
        this.#note(`LEADS term ${effect.term}`);
        break;
      case "leaveOffice":
        this.#note("leads no longer");
        break;
      case "send":
        this.#queue.push({
          from: member.name,
          to: this.names(effect.to),
          message: withEntries(effect.message, member.log),
        });
        break;
    }
  }

  #append(member: Member, entries: readonly LogEntry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    const replaced = member.log.splice(first.index - 1);
    member.log.push(...entries);
    const without = replaced.length > 0 ? ` in place of ${termsOf(replaced)}` : "";
    this.#note(`appends ${termsOf(entries)}${without}`);
  }

  #note(text: string): void {
    this.#lines.push(`    ${text}`);
  }
}

const describeHardState = ({ term, votedFor }: HardState, names: Names): string =>
  votedFor === null ? `enters term ${term}` : `votes for ${names(votedFor)} in term ${term}`;

/** The range that the machine named, filled in from the log, as the host does. */
function withEntries(message: OutgoingRaftMessage, log: readonly LogEntry[]): RaftMessage {
  if (message.type === "InstallSnapshot") throw new Error("a story tells of no snapshots");
  if (message.type !== "AppendEntries") return message;
  const { range, ...header } = message;
  const entries = range === null ? [] : log.slice(indexPlus(range.firstIndex, -1), range.lastIndex);
  return { ...header, entries, confirmedAgeMs: null };
}
