/** Keys: the full set. */
import { Elysia } from "elysia";
import { readValueBody } from "../bodies";
import { notAskedYet } from "../not-asked-yet";
import type { Reads } from "../reads";
import {
  DeleteAnswer,
  KeyParams,
  KeyValueAnswer,
  ListAnswer,
  ListQuery,
  Problem,
  ReadQuery,
  SetAnswer,
  TimeoutQuery,
} from "../schemas";
import type { Writes } from "../writes";
import { readFailures, writeFailures } from "./failures";

export const kvRoutes = ({ reads, writes }: { readonly reads: Reads; readonly writes: Writes }) =>
  new Elysia({ normalize: false })
    .decorate(notAskedYet)
    .get(
      "/v1/kv/:key",
      ({ request, params, query }) => reads.getTagged({ request, params, query }),
      {
        params: KeyParams,
        query: ReadQuery,
        response: { 200: KeyValueAnswer, 404: Problem, ...readFailures },
        detail: {
          summary: "Get a key, with an ETag",
          description: "With `Accept: application/octet-stream` the value alone, raw.",
          tags: ["Keys"],
        },
      },
    )
    .put(
      "/v1/kv/:key",
      ({ request, query, startedAtMs, params }) => {
        const asked = { request, query, startedAtMs };
        return writes.whenRoom(asked, async () =>
          writes.set(asked, params.key, await readValueBody(request)),
        );
      },
      {
        params: KeyParams,
        query: TimeoutQuery,
        response: { 200: SetAnswer, ...writeFailures, 507: Problem },
        detail: {
          summary: "Set a key to the body",
          tags: ["Keys", "Writes"],
          requestBody: {
            description: "By its content type a JSON value, text, or, for any other, bytes.",
            required: true,
            content: {
              "application/json": { schema: {} },
              "text/plain": { schema: { type: "string" } },
              "application/octet-stream": { schema: { type: "string", format: "binary" } },
            },
          },
        },
      },
    )
    .delete(
      "/v1/kv/:key",
      ({ request, query, startedAtMs, params }) => {
        const asked = { request, query, startedAtMs };
        return writes.whenRoom(asked, () => writes.delete(asked, params.key));
      },
      {
        params: KeyParams,
        query: TimeoutQuery,
        response: { 200: DeleteAnswer, ...writeFailures },
        detail: { summary: "Delete a key", tags: ["Keys", "Writes"] },
      },
    )
    .get("/v1/kv", ({ query }) => reads.list(query), {
      query: ListQuery,
      response: { 200: ListAnswer, ...readFailures },
      detail: { summary: "List keys in the order of their bytes", tags: ["Keys"] },
    });
