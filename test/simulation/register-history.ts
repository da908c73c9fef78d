/** Histories of a correct store, run by random clients with random delays. */
import type { Answer, Call, Operation } from "../../src/simulation/history";
import { HistoryRecorder } from "../../src/simulation/history";
import { type Condition, revision } from "../../src/types";
import type { SeededRandom } from "../seeded-random";

export interface RegisterWorkload {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** How many of a hundred operations never learn their outcome. */
  readonly lostPercent: number;
  /** Whether clients are told of revisions. */
  readonly tellsRevisions: boolean;
}

/** The plainest store: what is applied is applied at one moment. */
export class Register {
  revision = 0;
  readonly items = new Map<string, { readonly value: string; readonly modRevision: number }>();

  apply(key: string, call: Call): Answer {
    const present = this.items.get(key);
    if (call.kind === "get") {
      return present === undefined ? { kind: "absent" } : { kind: "value", ...present };
    }
    if (!holds(call.condition, present?.modRevision ?? null)) {
      const modRevision = present?.modRevision ?? 0;
      return { kind: "preconditionFailed", modRevision, revision: this.revision };
    }
    if (call.kind === "delete") {
      const deleted = this.items.delete(key);
      if (deleted) this.revision++;
      return { kind: "deleted", deleted, revision: this.revision };
    }
    this.revision++;
    this.items.set(key, { value: call.value, modRevision: this.revision });
    return { kind: "set", revision: this.revision };
  }
}

function holds(condition: Condition | null, modRevision: number | null): boolean {
  if (condition === null) return true;
  return condition.kind === "keyIsAbsent"
    ? modRevision === null
    : modRevision === condition.revision;
}

/** Clients that each ask, wait and ask again; every effect falls between question and answer. */
export function registerHistory(random: SeededRandom, workload: RegisterWorkload): Operation[] {
  const store = new Register();
  const recorder = new HistoryRecorder();
  const lastSeen = new Map<string, number>();
  const agenda: { at: number; client: number; act: (at: number) => void }[] = [];
  const plan = (client: number, at: number, act: (at: number) => void) =>
    agenda.push({ at, client, act });
  const delay = () => 1 + Math.floor(-Math.log(1 - random.random()) * 100);
  let asked = 0;

  const ask = (client: number) => (invokedAt: number) => {
    if (asked === workload.operations) return;
    asked++;
    const key = `key ${random.below(workload.keys)}`;
    const call = randomCall(random, `v${asked}`, lastSeen.get(key) ?? 0);
    const pending = recorder.begin({ client: `client ${client}`, key, call, invokedAt });
    const isLost = random.below(100) < workload.lostPercent;
    const takesEffect = !isLost || random.below(2) === 0;
    plan(client, invokedAt + delay(), (at) => {
      const answer = takesEffect ? store.apply(key, call) : null;
      if (answer !== null && "modRevision" in answer) lastSeen.set(key, answer.modRevision ?? 0);
      if (answer === null || isLost) return plan(client, at + delay(), ask(client));
      return plan(client, at + delay(), (returnedAt) => {
        pending.succeed(workload.tellsRevisions ? answer : silent(answer), returnedAt);
        plan(client, returnedAt + delay(), ask(client));
      });
    });
  };
  for (let client = 0; client < workload.clients; client++) plan(client, delay(), ask(client));
  runAll(agenda);
  return [...recorder.operations];
}

function runAll(agenda: { at: number; client: number; act: (at: number) => void }[]): void {
  while (agenda.length > 0) {
    let first = 0;
    for (let at = 1; at < agenda.length; at++) {
      if ((agenda[at]?.at ?? 0) < (agenda[first]?.at ?? 0)) first = at;
    }
    const [next] = agenda.splice(first, 1);
    next?.act(next.at);
  }
}

function randomCall(random: SeededRandom, value: string, seen: number): Call {
  const atSeen: Condition = { kind: "revisionIs", revision: revision(seen) };
  const condition = random.pick([null, null, atSeen, { kind: "keyIsAbsent" } as const]);
  const kind = random.below(10);
  if (kind < 4) return { kind: "get" };
  return kind < 9 ? { kind: "set", value, condition } : { kind: "delete", condition };
}

/** The answer of a store that keeps its revisions to itself. */
function silent(answer: Answer): Answer {
  const { kind } = answer;
  if (kind === "value" || kind === "preconditionFailed") {
    return kind === "value"
      ? { ...answer, modRevision: null }
      : { ...answer, modRevision: null, revision: null };
  }
  return kind === "absent" ? answer : { ...answer, revision: null };
}
