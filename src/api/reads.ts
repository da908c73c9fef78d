/** Reads of keys through the node, worded as answers. */
import type { NodeHandle, ReadContext, ReadOptions } from "../actors/node-handle";
import type { KeyValue } from "../types";
import { assertKey, assertPrefix, cursorAfter, readCursor } from "./keys";
import { LIST_BYTES_MAX, LIST_ITEMS_MAX } from "./limits";
import { type ReadQuery, readOptions } from "./queries";
import { keyNotFound } from "./refusals";
import type { Replies, ReplyFacts } from "./replies";
import { keyValueJson, rawValue } from "./values";

interface GetRequest {
  readonly request: Request;
  readonly params: { readonly key: string };
  readonly query: ReadQuery;
}
interface ListQuery extends ReadQuery {
  readonly prefix?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly keys_only?: boolean | undefined;
}
type Wording = (item: KeyValue, facts: ReplyFacts) => Response;

/** Gets and lists keys through `node`, and words the answers. */
export class Reads {
  constructor(
    private readonly node: NodeHandle,
    private readonly replies: Replies,
  ) {}

  /** The key with its facts, as JSON. */
  get(asked: GetRequest): Promise<Response> {
    return this.find(asked, (item, facts) => this.replies.json(keyValueJson(item), facts));
  }

  /** The same with an entity tag, and raw where the client asks for bytes. */
  getTagged(asked: GetRequest): Promise<Response> {
    return this.find(asked, (item, { revision, headers }) => {
      const tagged = { ...headers, ETag: `"${item.modRevision}"`, Vary: "Accept" };
      const facts = { ...(revision !== undefined && { revision }), headers: tagged };
      if (!wantsRaw(asked.request)) return this.replies.json(keyValueJson(item), facts);
      const type = "application/octet-stream";
      return this.replies.body(rawValue(item.value), { ...facts, type });
    });
  }

  async list(query: ListQuery): Promise<Response> {
    const prefix = query.prefix ?? "";
    assertPrefix(prefix);
    const options = readOptions(query);
    const page = await this.node.list({
      prefix,
      after: query.cursor === undefined ? null : readCursor(query.cursor, prefix),
      limit: query.limit ?? LIST_ITEMS_MAX,
      bytesMax: LIST_BYTES_MAX,
      ...options,
    });
    const keysOnly = query.keys_only ?? false;
    const items = page.items.map((item) => keyValueJson(item, { keysOnly })).join(",");
    const last = page.items.at(-1);
    const next = page.more && last !== undefined ? `"${cursorAfter(last.key)}"` : "null";
    const text = `{"items":[${items}],"next_cursor":${next},"revision":${page.revision}}`;
    return this.replies.json(text, factsOf(page, options));
  }

  private async find({ request, params, query }: GetRequest, word: Wording): Promise<Response> {
    assertKey(params.key);
    const options = readOptions(query);
    const found = await this.node.get(params.key, options);
    const facts = factsOf(found, options);
    if (found.item !== null) return word(found.item, facts);
    return this.replies.problem(keyNotFound(params.key), request, facts);
  }
}

const OCTETS = /(^|,)\s*application\/octet-stream\s*(;|,|$)/i;
const wantsRaw = (request: Request): boolean => OCTETS.test(request.headers.get("accept") ?? "");

/** A stale answer says how old it may be. */
function factsOf({ revision, stalenessMs }: ReadContext, { consistency }: ReadOptions): ReplyFacts {
  if (consistency === "linearizable") return { revision };
  return { revision, headers: { "X-Balsa-Staleness-Ms": `${stalenessMs ?? "unknown"}` } };
}
