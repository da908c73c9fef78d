/** Who takes part in the cluster. */
import { Elysia } from "elysia";
import type { NodeHandle } from "../../actors/node-handle";
import { nodeId } from "../../types";
import { readJsonBody } from "../bodies";
import { MemberChanges } from "../member-changes";
import { memberJson, memberOf, membersJson } from "../members";
import { readTimeoutMs } from "../queries";
import type { Replies } from "../replies";
import {
  AddMemberBody,
  AddMemberQuery,
  ChangeMemberBody,
  MemberAnswer,
  MemberParams,
  MembersAnswer,
  Problem,
  RemovedAnswer,
  RemoveMemberQuery,
  TimeoutQuery,
} from "../schemas";
import { anyFailures, changeFailures } from "./failures";

export interface MemberRouteParts {
  readonly node: NodeHandle;
  readonly replies: Replies;
  /** A monotonic clock in ms. */
  readonly nowMs: () => number;
}

const tags = ["Cluster"];

export const memberRoutes = (parts: MemberRouteParts) => {
  const { node, replies } = parts;
  const list = async (timeoutMs: number) =>
    replies.json(membersJson(await node.members(timeoutMs)));
  const show = async (id: number, timeoutMs: number) =>
    replies.json(memberJson(memberOf(await node.members(timeoutMs), nodeId(id))));
  return new Elysia({ normalize: false })
    .get("/v1/cluster/members", ({ query }) => list(readTimeoutMs(query.timeout)), {
      query: TimeoutQuery,
      response: { 200: MembersAnswer, ...anyFailures },
      detail: { summary: "Who takes part, as this node's log has it", tags },
    })
    .get(
      "/v1/cluster/members/:id",
      ({ params, query }) => show(params.id, readTimeoutMs(query.timeout)),
      {
        params: MemberParams,
        query: TimeoutQuery,
        response: { 200: MemberAnswer, 404: Problem, ...anyFailures },
        detail: { summary: "One member, and where it stands", tags },
      },
    )
    .use(changeRoutes(new MemberChanges(parts)));
};

const changeRoutes = (changes: MemberChanges) =>
  new Elysia({ normalize: false })
    .post("/v1/cluster/members", ({ body, query }) => changes.add(body, query), {
      parse: ({ request }) => readJsonBody(request),
      body: AddMemberBody,
      query: AddMemberQuery,
      response: { 200: MemberAnswer, 202: MemberAnswer, ...changeFailures },
      detail: {
        summary: "Add a node",
        description:
          "As a learner first, which is promoted by itself once it keeps up. Answers 202 with " +
          "the member as it stands, and with `Location`, where to ask again; with `wait=true` " +
          "200 once it is what it is to become. Its node is started with `--join`.",
        tags,
      },
    })
    .put(
      "/v1/cluster/members/:id",
      ({ params, body, query }) =>
        changes.change(nodeId(params.id), body, readTimeoutMs(query.timeout)),
      {
        parse: ({ request }) => readJsonBody(request),
        params: MemberParams,
        body: ChangeMemberBody,
        query: TimeoutQuery,
        response: { 200: MemberAnswer, 404: Problem, ...changeFailures },
        detail: {
          summary: "Move a member to another address, or promote it",
          description: "One of the two: each is an entry in the log of its own.",
          tags,
        },
      },
    )
    .delete(
      "/v1/cluster/members/:id",
      ({ params, query }) => changes.remove(nodeId(params.id), query),
      {
        params: MemberParams,
        query: RemoveMemberQuery,
        response: { 200: RemovedAnswer, 202: RemovedAnswer, 404: Problem, ...changeFailures },
        detail: {
          summary: "Remove a member, the leader too",
          description:
            "For good: its id is never used again. 202 where it is done by force and waits for " +
            "those who are left.",
          tags,
        },
      },
    );
