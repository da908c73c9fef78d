/** What clients of a real cluster saw, for the linearizability checker and for people. */
import { type Answer, type Call, HistoryRecorder } from "../../../src/simulation/history";
import { revision } from "../../../src/types";
import type { KeyBody, Reply, WriteBody } from "./api-client";

/** What became of an operation. Values are unique in a history, so each read names its write. */
export type Fate =
  | { readonly kind: "answered"; readonly answer: Answer }
  /** Certainly without effect. */
  | { readonly kind: "failed"; readonly code: string }
  | { readonly kind: "unknown"; readonly code: string };

/** Who asks what, and which node. */
export interface Asked {
  readonly client: string;
  readonly node: number;
  readonly key: string;
  readonly call: Call;
}

/** An operation that was not answered, and how long the client had waited by then. */
export interface Mishap {
  readonly node: number;
  readonly kind: "failed" | "unknown";
  readonly code: string;
  readonly tookMs: number;
}

type Refusal = Extract<Reply<unknown>, { ok: false }>;

/** A refusal that does not say it had no effect may have had one: unknown, never a guess. */
const fateOfRefusal = ({ outcome, code }: Refusal): Fate => ({
  kind: outcome === "not_applied" ? "failed" : "unknown",
  code,
});

/** The fate of a set, read off its reply. */
export function fateOfSet(reply: Reply<WriteBody>): Fate {
  if (reply.ok) return answered({ kind: "set", revision: reply.body.revision });
  if (reply.code !== "precondition_failed") return fateOfRefusal(reply);
  const modRevision = reply.currentRevision;
  return answered({ kind: "preconditionFailed", modRevision, revision: null });
}

/** The fate of a read; one that was refused or lost had no effect in any case. */
export function fateOfGet(reply: Reply<Partial<KeyBody>>): Fate {
  if (!reply.ok) return { kind: "failed", code: reply.code };
  const { value, mod_revision: modRevision = null } = reply.body;
  if (typeof value !== "string") return answered({ kind: "absent" });
  return answered({ kind: "value", value, modRevision });
}

const answered = (answer: Answer): Fate => ({ kind: "answered", answer });

/** A set on the condition that the key is still at the revision that was read; 0: absent. */
export const compareAndSet = (value: string, modRevision: number): Call => ({
  kind: "set",
  value,
  condition:
    modRevision === 0
      ? { kind: "keyIsAbsent" }
      : { kind: "revisionIs", revision: revision(modRevision) },
});

export class LoadHistory {
  readonly mishaps: Mishap[] = [];
  private readonly recorder = new HistoryRecorder();

  get operations() {
    return this.recorder.operations;
  }

  /** Runs an operation and records when it began, when it ended and what became of it. */
  async record({ node, ...asked }: Asked, operate: () => Promise<Fate>): Promise<Fate> {
    const invokedAt = performance.now();
    const pending = this.recorder.begin({ ...asked, invokedAt });
    const fate = await operate();
    const now = performance.now();
    if (fate.kind === "answered") pending.succeed(fate.answer, now);
    else this.mishaps.push({ node, ...fate, tookMs: now - invokedAt });
    if (fate.kind === "failed") pending.fail(now);
    return fate;
  }

  /** How many sets were acknowledged. */
  get written(): number {
    return this.operations.filter(
      ({ outcome }) => outcome.kind === "ok" && outcome.answer.kind === "set",
    ).length;
  }

  /** How long the slowest took of those that were begun since `sinceMs` and have ended. */
  slowestMs(sinceMs = 0): number {
    const ended = this.operations.filter(
      ({ invokedAt, returnedAt }) => invokedAt >= sinceMs && Number.isFinite(returnedAt),
    );
    return Math.max(0, ...ended.map(({ invokedAt, returnedAt }) => returnedAt - invokedAt));
  }

  /** One line for people. */
  summary(): string {
    const count = (kind: Mishap["kind"]) =>
      `${this.mishaps.filter((mishap) => mishap.kind === kind).length} ${kind}`;
    const counts = [`${this.written} written`, count("failed"), count("unknown")];
    return `${this.operations.length} operations: ${counts.join(", ")}`;
  }
}
