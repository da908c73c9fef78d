/** The three routes of the seed, kept exactly as they were. */
import { Elysia } from "elysia";
import type { NodeHandle } from "../../actors/node-handle";
import { readJsonBody, valueOfJson } from "../bodies";
import { notAskedYet } from "../not-asked-yet";
import { readTimeoutMs } from "../queries";
import type { Reads } from "../reads";
import type { Replies } from "../replies";
import {
  KeyParams,
  KeyValueAnswer,
  Problem,
  ReadQuery,
  SetAnswer,
  SetBody,
  StatusAnswer,
  TimeoutQuery,
} from "../schemas";
import { statusJson } from "../status";
import type { Writes } from "../writes";
import { anyFailures, readFailures, writeFailures } from "./failures";

export interface SeedRouteParts {
  readonly node: NodeHandle;
  readonly reads: Reads;
  readonly writes: Writes;
  readonly replies: Replies;
}

export const seedRoutes = ({ node, reads, writes, replies }: SeedRouteParts) => {
  const status = async (timeoutMs: number) =>
    replies.json(statusJson(await node.status(timeoutMs)));
  return new Elysia({ normalize: false })
    .decorate(notAskedYet)
    .get("/get/:key", ({ request, params, query }) => reads.get({ request, params, query }), {
      params: KeyParams,
      query: ReadQuery,
      response: { 200: KeyValueAnswer, 404: Problem, ...readFailures },
      detail: { summary: "Get a key", tags: ["Keys"] },
    })
    .post(
      "/set",
      ({ request, query, startedAtMs, body }) =>
        writes.set({ request, query, startedAtMs }, body.key, valueOfJson(body.value)),
      {
        // Whatever the content type says, so that a plain `curl -d` works.
        parse: ({ request, query, startedAtMs }) =>
          writes.whenRoom({ request, query, startedAtMs }, () => readJsonBody(request)),
        body: SetBody,
        query: TimeoutQuery,
        response: { 200: SetAnswer, ...writeFailures, 507: Problem },
        detail: { summary: "Set a key", tags: ["Keys", "Writes"] },
      },
    )
    .get("/cluster/status", ({ query }) => status(readTimeoutMs(query.timeout)), {
      query: TimeoutQuery,
      response: { 200: StatusAnswer, ...anyFailures },
      detail: { summary: "What this node knows of every node", tags: ["Cluster"] },
    });
};
