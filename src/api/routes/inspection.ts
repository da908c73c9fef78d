/** What the node's machines do, how fast it goes, and why it is as it is. */
import { Elysia } from "elysia";
import { chartNames, type Observatory } from "../../observe/observatory";
import { transitionJson } from "../../observe/transition";
import type { Subscription } from "../../observe/watchers";
import { EVENT_STREAM, eventStream, wantsStream } from "../event-stream";
import {
  ChartAnswer,
  ChartQuery,
  InspectAnswer,
  LiveAnswer,
  TransitionsAnswer,
  TransitionsQuery,
  WhyAnswer,
} from "../inspection-schemas";
import { TRANSITIONS_ITEMS_DEFAULT } from "../limits";
import { invalidRequest } from "../refusals";
import type { Replies } from "../replies";
import { NoQuery, Problem } from "../schemas";
import { whyJson } from "../why";
import { anyFailures } from "./failures";

interface InspectionRouteParts {
  readonly observatory: Observatory;
  readonly replies: Replies;
}

const STREAMED = `With \`Accept: ${EVENT_STREAM}\` it is a stream of server-sent events`;

export const inspectionRoutes = ({ observatory, replies }: InspectionRouteParts) => {
  // The length of an answer to HEAD is found by reading it to its end, which a stream has not.
  const stream = ({ method }: Request, subscribe: (onNews: () => void) => Subscription) =>
    replies.body(method === "HEAD" ? null : eventStream(subscribe), { type: EVENT_STREAM });

  const transitions = (query: (typeof TransitionsQuery)["static"], request: Request) => {
    const { from = null, limit = TRANSITIONS_ITEMS_DEFAULT, machine = null } = query;
    const wanted = { from, machine };
    if (wantsStream(request)) {
      const heard = heardLast(request);
      return stream(request, (onNews) => observatory.followTransitions(wanted, heard, onNews));
    }
    const { firstSeq, items, lastSeq, nextFrom } = observatory.transitions(wanted, limit);
    return replies.json(
      `{"items":[${items.map(transitionJson).join(",")}],"next_from":${nextFrom},` +
        `"first_seq":${firstSeq},"last_seq":${lastSeq}}`,
    );
  };

  return new Elysia({ normalize: false })
    .get("/v1/inspect", () => replies.json(JSON.stringify(observatory.inspect())), {
      query: NoQuery,
      response: { 200: InspectAnswer, ...anyFailures },
      detail: { summary: "Every machine of this node, and its state", tags: ["Inspection"] },
    })
    .get("/v1/inspect/transitions", ({ query, request }) => transitions(query, request), {
      query: TransitionsQuery,
      response: { 200: TransitionsAnswer, 410: Problem, 429: Problem, ...anyFailures },
      detail: {
        summary: "What the machines did, and why",
        description:
          `${STREAMED}, \`transition\` each, which resumes behind \`Last-Event-ID\`; \`gap\` ` +
          "tells of what is not kept any more, `end` why the node ends the stream.",
        tags: ["Inspection"],
      },
    })
    .get(
      "/v1/inspect/live",
      ({ request }) =>
        wantsStream(request)
          ? stream(request, (onNews) => observatory.followLive(onNews))
          : replies.json(JSON.stringify(observatory.live())),
      {
        query: NoQuery,
        response: { 200: LiveAnswer, 429: Problem, ...anyFailures },
        detail: {
          summary: "Where this node stands, and how fast it goes",
          description: `${STREAMED}, \`live\` twice a second.`,
          tags: ["Inspection"],
        },
      },
    )
    .get("/v1/inspect/chart", ({ query }) => replies.json(chartJson(observatory, query.machine)), {
      query: ChartQuery,
      response: { 200: ChartAnswer, 404: Problem, ...anyFailures },
      detail: {
        summary: "A machine's chart: its states and transitions, and as Mermaid",
        tags: ["Inspection"],
      },
    })
    .get("/v1/why", () => replies.json(whyJson(observatory)), {
      query: NoQuery,
      response: { 200: WhyAnswer, ...anyFailures },
      detail: { summary: "Why this node is as it is", tags: ["Inspection"] },
    });
};

function chartJson(observatory: Observatory, machine = "raft"): string {
  const { chart, ...definition } = observatory.chart(machine);
  return JSON.stringify({ chart, charts: chartNames, ...definition });
}

/** The number a client heard last before it lost the stream. Errors: `invalid_request`. */
function heardLast(request: Request): number | null {
  const id = request.headers.get("last-event-id");
  if (id === null || id === "") return null;
  const heard = Number(id);
  if (/^\d+$/.test(id) && Number.isSafeInteger(heard)) return heard;
  throw invalidRequest("Last-Event-ID must be the number of a transition");
}
