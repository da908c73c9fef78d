/** What is remembered of a call from try to try, and what is said of all of them in the end. */
import type { Repetition } from "./call";
import type { ClientError } from "./errors";
import { fault, type Tried } from "./faults";

/** Decided by the replicated state, under the call's own key: so for every try of it. */
const DECIDED: ReadonlySet<string> = new Set(["precondition_failed", "idempotency_mismatch"]);

export class Course {
  failures = 0;
  /** Whether a try may have been applied that nobody has told us of. */
  private isInDoubt = false;
  /** The last failure that somebody told, or might have. */
  private told: ClientError | null = null;
  /** Why each endpoint could not be connected to. */
  private readonly unreached = new Map<string, string>();

  constructor(
    private readonly repetition: Repetition,
    private readonly idempotencyKey: string | null,
  ) {}

  /** A try of this call at `endpoint`. */
  tryAt(endpoint: string): Tried {
    const { idempotencyKey, repetition } = this;
    return { endpoint, idempotencyKey, isRead: repetition === "read" };
  }

  /** Notes a failed try; true where another may follow. */
  goesOnAfter(failed: ClientError): boolean {
    const { detail, endpoint, outcome, retryable } = failed.facts;
    this.failures++;
    if (failed.code === "unreachable") this.unreached.set(endpoint ?? "", detail);
    else this.told = failed;
    if (failed.code === "aborted") return false;
    const mayBeMadeTwice = outcome === "unknown" && this.repetition === "repeatable";
    const goesOn = retryable || mayBeMadeTwice;
    if (goesOn && outcome === "unknown") this.isInDoubt = true;
    return goesOn;
  }

  /** What to say of the call after its `last` failure: an outcome that is true of all its tries. */
  conclusion(last: ClientError): ClientError {
    const said = this.told ?? this.nobodyReached(last);
    const { detail, endpoint, outcome, status } = said.facts;
    if (!this.isInDoubt || outcome === "unknown" || DECIDED.has(said.code)) return said;
    const code = said.code === "aborted" ? said.code : "outcome_unknown";
    return fault(code, this.tryAt(endpoint ?? ""), {
      detail: `${detail}; an earlier try may have been applied`,
      outcome: "unknown",
      retryable: false,
      ...(status !== null && { status }),
    });
  }

  private nobodyReached({ facts }: ClientError): ClientError {
    return fault("unreachable", this.tryAt(facts.endpoint ?? ""), {
      detail: `nobody can be reached: ${[...this.unreached.values()].join(", ")}`,
      outcome: "not_applied",
      retryable: true,
    });
  }
}
