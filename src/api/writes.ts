/** One write on its way through the node: what both spellings of a set, and a delete, share. */
import type { NodeHandle } from "../actors/node-handle";
import { RequestError } from "../errors";
import type { CommandResult, Decision, DeleteCommand, SetCommand, Value } from "../types";
import { readWriteHeaders } from "./conditions";
import { assertKey } from "./keys";
import { readTimeoutMs } from "./queries";
import type { Replies } from "./replies";
import { assertValueFits } from "./values";

interface WriteRequest {
  readonly request: Request;
  readonly query: { readonly timeout?: string | undefined };
}
type Applied = Extract<CommandResult, { kind: "set" | "deleted" }>;

/** Sets and deletes keys through `node`, and words the answers. */
export class Writes {
  constructor(
    private readonly node: NodeHandle,
    private readonly replies: Replies,
  ) {}

  async set(asked: WriteRequest, key: string, value: Value): Promise<Response> {
    assertKey(key);
    assertValueFits(value);
    const result = applied(await this.propose(asked, { op: "set", key, value }));
    const text = `{"key":${JSON.stringify(key)},${decisionMembers(result)}}`;
    return this.replies.json(text, result);
  }

  async delete(asked: WriteRequest, key: string): Promise<Response> {
    assertKey(key);
    const result = applied(await this.propose(asked, { op: "delete", key }));
    const deleted = result.kind === "deleted" && result.deleted;
    const text = `{"key":${JSON.stringify(key)},"deleted":${deleted},${decisionMembers(result)}}`;
    return this.replies.json(text, result);
  }

  /** Not asynchronous itself: one promise is enough. */
  private propose({ request, query }: WriteRequest, wish: Wish): Promise<CommandResult> {
    const { condition, idempotencyKey } = readWriteHeaders(request.headers);
    const command = { ...wish, condition, idempotencyKey };
    return this.node.propose(command, readTimeoutMs(query.timeout));
  }
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
