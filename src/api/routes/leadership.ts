/** Who leads the cluster: to have it led by another. */
import { Elysia } from "elysia";
import type { NodeHandle } from "../../actors/node-handle";
import { nodeId } from "../../types";
import { readOptionalJsonBody } from "../bodies";
import { readTimeoutMs } from "../queries";
import type { Replies } from "../replies";
import { Problem, TimeoutQuery, TransferAnswer, TransferBody } from "../schemas";
import { changeFailures } from "./failures";

interface LeadershipRouteParts {
  readonly node: NodeHandle;
  readonly replies: Replies;
}

export const leadershipRoutes = ({ node, replies }: LeadershipRouteParts) => {
  const transfer = async (to: number | undefined, timeoutMs: number) => {
    const successor = to === undefined ? null : nodeId(to);
    return replies.json(`{"leader_id":${await node.transferLeadership(successor, timeoutMs)}}`);
  };
  return new Elysia({ normalize: false }).post(
    "/v1/cluster/transfer-leadership",
    ({ body, query }) => transfer(body.to, readTimeoutMs(query.timeout)),
    {
      parse: ({ request }) => readOptionalJsonBody(request),
      body: TransferBody,
      query: TimeoutQuery,
      response: { 200: TransferAnswer, 404: Problem, ...changeFailures },
      detail: {
        summary: "Have the leader hand over, to a certain voter or to the best one",
        tags: ["Cluster"],
      },
    },
  );
};
