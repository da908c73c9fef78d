/** The problems a route may answer, by status, for types and the OpenAPI document. */
import { Problem } from "../schemas";

/** Of everything: not understood, foreign, our own fault, shutting down. */
export const anyFailures = { 400: Problem, 403: Problem, 500: Problem, 503: Problem } as const;
export const readFailures = { ...anyFailures, 504: Problem } as const;
export const writeFailures = {
  ...readFailures,
  412: Problem,
  413: Problem,
  422: Problem,
  429: Problem,
} as const;
/** Of a change of membership. */
export const changeFailures = {
  ...readFailures,
  409: Problem,
  429: Problem,
  507: Problem,
} as const;
