/** What watches over a node asks: is it alive, may it be sent requests, how is it doing. */
import { Elysia } from "elysia";
import type { NodeHandle } from "../../actors/node-handle";
import { noLeader } from "../../errors";
import type { HttpMetrics } from "../http-metrics";
import type { Replies } from "../replies";
import { AliveAnswer, NoQuery, ReadyAnswer } from "../schemas";
import { anyFailures } from "./failures";

interface HealthRouteParts {
  readonly node: NodeHandle;
  readonly replies: Replies;
  readonly metrics: HttpMetrics;
}

export const healthRoutes = ({ node, replies, metrics }: HealthRouteParts) =>
  new Elysia({ normalize: false })
    .get("/livez", () => replies.json('{"alive":true}'), {
      query: NoQuery,
      response: { 200: AliveAnswer, ...anyFailures },
      detail: { summary: "The process answers", tags: ["Health"] },
    })
    .get(
      "/readyz",
      () => {
        const reason = node.unreadiness();
        if (reason !== null) throw noLeader(reason, null);
        return replies.json('{"ready":true}');
      },
      {
        query: NoQuery,
        response: { 200: ReadyAnswer, ...anyFailures },
        detail: {
          summary: "Able to serve",
          description: "Knows a leader and has applied what was committed at start.",
          tags: ["Health"],
        },
      },
    )
    .get(
      "/metrics",
      () =>
        replies.body(metrics.render(node.metrics()), {
          type: "text/plain; version=0.0.4; charset=utf-8",
        }),
      {
        query: NoQuery,
        detail: {
          summary: "Prometheus text",
          tags: ["Health"],
          responses: {
            200: {
              description: "Metrics of the node and of its requests.",
              content: { "text/plain": { schema: { type: "string" } } },
            },
          },
        },
      },
    );
