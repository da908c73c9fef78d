/** The HTTP interface of a node: validate, call the node handle, word the answer. Nothing else. */
import { Elysia } from "elysia";
import type { NodeHandle } from "../actors/node-handle";
import { shuttingDown } from "../errors";
import type { Observatory } from "../observe/observatory";
import type { Address } from "../types";
import { HttpMetrics } from "./http-metrics";
import { notAskedYet } from "./not-asked-yet";
import { openApiRoutes } from "./openapi";
import { allowOrigin, OriginRule } from "./origins";
import { internalError, invalidPart, requestErrorIn } from "./problem";
import { assertPlainQuery } from "./queries";
import { Reads } from "./reads";
import { Replies } from "./replies";
import { dashboardRoutes } from "./routes/dashboard";
import { healthRoutes } from "./routes/health";
import { inspectionRoutes } from "./routes/inspection";
import { kvRoutes } from "./routes/kv";
import { leadershipRoutes } from "./routes/leadership";
import { logRoutes } from "./routes/log";
import { memberRoutes } from "./routes/members";
import { seedRoutes } from "./routes/seed";
import { snapshotRoutes } from "./routes/snapshots";
import { pathOf, Unrouted } from "./unrouted";
import { Writes } from "./writes";

export interface ApiOptions {
  /** `host:port` under which this node's own API is known, besides what members announce. */
  readonly apiAddresses: readonly Address[];
  /** Told of every error that is no operating error; the client is not told its text. */
  readonly onInternalError: (error: unknown, request: Request) => void;
  /** A monotonic clock in ms, for the durations in `/metrics`. */
  readonly nowMs: () => number;
  /** Where the node is looked at from. */
  readonly observatory: Observatory;
}

interface Asked {
  readonly method: string;
  readonly startedAtMs: number;
  readonly origin: string | null;
  readonly route?: string;
}

/**
 * The API of `node`. Hooks are synchronous and few: an asynchronous one costs every request a turn
 * of the microtask queue. Hooks and handlers take their context apart in their head: Elysia reads
 * from there what to prepare, and for a context handed on whole it prepares everything.
 */
export function createApi(node: NodeHandle, options: ApiOptions) {
  const replies = new Replies(node);
  const unrouted = new Unrouted(replies);
  const { observatory } = options;
  const metrics = new HttpMetrics(observatory.requests);
  const reads = new Reads(node, replies);
  const writes = new Writes({ node, replies, nowMs: options.nowMs });
  const addresses = () => [...options.apiAddresses, ...node.announcedApiAddresses()];
  const origins = new OriginRule(addresses);

  const finish = (asked: Asked, response: Response): Response => {
    const seconds = (options.nowMs() - asked.startedAtMs) / 1_000;
    const route = asked.route ?? "none";
    metrics.observe(asked.method, route, { status: response.status, seconds });
    return asked.origin === null ? response : allowOrigin(response, asked.origin);
  };

  const app = new Elysia({ normalize: false, strictPath: true })
    .decorate(notAskedYet)
    .onRequest((asked) => {
      const { request } = asked;
      asked.startedAtMs = options.nowMs();
      asked.origin = origins.admit(request);
      if (node.stopping && pathOf(request.url) !== "/livez") throw shuttingDown();
      assertPlainQuery(request.url);
    })
    .onAfterHandle(({ request, route, startedAtMs, origin, responseValue }) => {
      if (responseValue instanceof Response) {
        finish({ method: request.method, route, startedAtMs, origin }, responseValue);
      }
    })
    .onError(({ code, error, request, route, startedAtMs, origin }) => {
      const failed = { method: request.method, route, startedAtMs, origin };
      if (code === "NOT_FOUND") return finish(failed, unrouted.answer(request));
      const expected = requestErrorIn(error) ?? (code === "VALIDATION" ? invalidPart(error) : null);
      if (expected === null) options.onInternalError(error, request);
      return finish(failed, replies.problem(expected ?? internalError(), request));
    })
    .use(seedRoutes({ node, reads, writes, replies }))
    .use(kvRoutes({ reads, writes }))
    .use(logRoutes({ node, replies }))
    .use(memberRoutes({ node, replies, nowMs: options.nowMs }))
    .use(leadershipRoutes({ node, replies }))
    .use(snapshotRoutes({ node, replies }))
    .use(inspectionRoutes({ observatory, replies }))
    .use(dashboardRoutes({ addresses, replies }))
    .use(healthRoutes({ node, replies, metrics }));
  const described = app.use(openApiRoutes(app, replies));
  unrouted.learn(described.routes);
  return described;
}

/** The API's own type: what a typed client is made from. */
export type Api = ReturnType<typeof createApi>;
