/** One write on its way through the node: what both spellings of a set, and a delete, share. */
import type { NodeHandle } from "../actors/node-handle";
import { RequestError, timedOut } from "../errors";
import type { CommandResult, Decision, DeleteCommand, SetCommand, Value } from "../types";
import { readWriteHeaders } from "./conditions";
import { assertKey } from "./keys";
import { readTimeoutMs } from "./queries";
import { invalidRequest } from "./refusals";
import type { Replies } from "./replies";
import { assertValueFits } from "./values";

interface WriteRequest {
  readonly request: Request;
  readonly query: { readonly timeout?: string | undefined };
  /** When it came: its timeout counts from there. */
  readonly startedAtMs: number;
}
interface WritesParts {
  readonly node: NodeHandle;
  readonly replies: Replies;
  /** A monotonic clock in ms. */
  readonly nowMs: () => number;
}
type Applied = Extract<CommandResult, { kind: "set" | "deleted" }>;

/** Sets and deletes keys through `node`, and words the answers. */
export class Writes {
  constructor(private readonly parts: WritesParts) {}

  /**
   * What `read` makes of a request, once there is room for a write; while there is none nothing of
   * its body is read. What its route will refuse for its query does not wait for that.
   */
  whenRoom<Read>(asked: WriteRequest, read: () => Promise<Read>): Promise<Read> {
    const { node } = this.parts;
    if (node.hasRoom || !isTimeoutAlone(asked.query)) return read();
    return node.awaitRoom(this.timeLeftMs(asked)).then(() => {
      assertStillThere(asked.request);
      return read();
    });
  }

  async set(asked: WriteRequest, key: string, value: Value): Promise<Response> {
    assertKey(key);
    assertValueFits(value);
    const result = applied(await this.propose(asked, { op: "set", key, value }));
    const text = `{"key":${JSON.stringify(key)},${decisionMembers(result)}}`;
    return this.parts.replies.json(text, result);
  }

  async delete(asked: WriteRequest, key: string): Promise<Response> {
    assertKey(key);
    const result = applied(await this.propose(asked, { op: "delete", key }));
    const deleted = result.kind === "deleted" && result.deleted;
    const text = `{"key":${JSON.stringify(key)},"deleted":${deleted},${decisionMembers(result)}}`;
    return this.parts.replies.json(text, result);
  }

  /**
   * Not asynchronous itself: one promise is enough. What was read too late is not proposed: with no
   * time to be decided in, it would end with an outcome that nobody knows. **Errors**: `timeout`.
   */
  private propose(asked: WriteRequest, wish: Wish): Promise<CommandResult> {
    const { condition, idempotencyKey } = readWriteHeaders(asked.request.headers);
    const command = { ...wish, condition, idempotencyKey };
    const timeoutMs = this.timeLeftMs(asked);
    if (timeoutMs <= 0) throw timedOut("the write was not there within the timeout", "not_applied");
    return this.parts.node.propose(command, timeoutMs);
  }

  private timeLeftMs({ query, startedAtMs }: WriteRequest): number {
    const spentMs = this.parts.nowMs() - startedAtMs;
    return Math.max(0, readTimeoutMs(query.timeout) - spentMs);
  }
}

function isTimeoutAlone(query: object): boolean {
  for (const name in query) if (name !== "timeout") return false;
  return true;
}

/** A write that nobody waits for any more is not worth its place. **Errors**: `invalid_request`. */
function assertStillThere(request: Request): void {
  if (request.signal.aborted) throw invalidRequest("the connection broke while the write waited");
}

type Wish = Pick<SetCommand, "op" | "key" | "value"> | Pick<DeleteCommand, "op" | "key">;

const decisionMembers = ({ revision, term, index }: Decision): string =>
  `"revision":${revision},"term":${term},"index":${index}`;

/** **Errors**: `precondition_failed`, `idempotency_mismatch`. */
function applied(result: CommandResult): Applied {
  switch (result.kind) {
    case "preconditionFailed":
      throw new RequestError("precondition_failed", {
        detail: `the key's revision is ${result.modRevision}, which the condition does not allow`,
        outcome: "not_applied",
        retryable: false,
        currentRevision: result.modRevision,
      });
    case "idempotencyMismatch":
      throw new RequestError("idempotency_mismatch", {
        detail: "this Idempotency-Key was used before, for a request that said something else",
        outcome: "not_applied",
        retryable: false,
      });
    default:
      return result;
  }
}
