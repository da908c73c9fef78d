/** The refusals that the API itself speaks, before a request has reached the node. */
import { RequestError } from "../errors";

/** The request is not understood; `detail` names the part. Nothing was applied. */
export const invalidRequest = (detail: string): RequestError =>
  new RequestError("invalid_request", { detail, outcome: "not_applied", retryable: false });

export const forbiddenOrigin = (detail: string): RequestError =>
  new RequestError("forbidden_origin", { detail, outcome: "not_applied", retryable: false });

export const keyNotFound = (key: string): RequestError =>
  new RequestError("key_not_found", {
    detail: `there is no key ${JSON.stringify(key)}`,
    outcome: null,
    retryable: false,
  });

export const notFound = (path: string): RequestError =>
  new RequestError("not_found", {
    detail: `there is nothing at ${path}; GET /openapi lists what there is`,
    outcome: null,
    retryable: false,
  });

export const methodNotAllowed = (method: string, path: string, allow: string): RequestError =>
  new RequestError("method_not_allowed", {
    detail: `${path} takes ${allow}, not ${method}`,
    outcome: null,
    retryable: false,
    allow,
  });

/** `actual` and `limit` in bytes. */
export const tooLarge = (what: string, sizes: { actual: number; limit: number }): RequestError =>
  new RequestError("too_large", {
    detail: `${what} has ${sizes.actual} bytes; at most ${sizes.limit} are taken`,
    outcome: "not_applied",
    retryable: false,
    ...sizes,
  });
