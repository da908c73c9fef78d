/** Answers what no route takes: an unknown path, a wrong method, an empty key, a preflight. */
import type { RequestError } from "../errors";
import { preflightHeaders } from "./origins";
import { invalidRequest, methodNotAllowed, notFound } from "./refusals";
import type { Replies } from "./replies";

interface Route {
  readonly method: string;
  /** With parameters as `:name`. */
  readonly path: string;
}

/** The path of a request's URL, still percent-encoded, without query. */
export function pathOf(url: string): string {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("//") + 2);
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

/** Knows the routes, so as to say why none of them takes a request. */
export class Unrouted {
  private routes: readonly Route[] = [];

  constructor(private readonly replies: Replies) {}

  /** Told once all routes are there. */
  learn(routes: readonly Route[]): void {
    this.routes = routes;
  }

  answer(request: Request): Response {
    const path = pathOf(request.url);
    const methods = this.methodsOf(path);
    if (request.method === "OPTIONS" && methods !== null) {
      const headers = preflightHeaders(methods);
      return this.replies.body(null, { type: "text/plain", status: 204, headers });
    }
    return this.replies.problem(this.whyNot(request.method, path, methods), request);
  }

  private whyNot(method: string, path: string, methods: string | null): RequestError {
    if (methods !== null) return methodNotAllowed(method, path, methods);
    const takesKey = this.routes.some((route) => route.path === `${path}:key`);
    return takesKey
      ? invalidRequest("the path's key is empty; a key has at least one byte")
      : notFound(path);
  }

  /** What `Allow` says of a path; null where there is nothing. */
  private methodsOf(path: string): string | null {
    const methods = this.routes.filter((route) => matches(route.path, path)).map(withHead);
    return methods.length === 0 ? null : [...methods.flat(), "OPTIONS"].join(", ");
  }
}

const withHead = ({ method }: Route): readonly string[] =>
  method === "GET" ? ["GET", "HEAD"] : [method];

/** Whether a path is of the pattern; a parameter takes one segment that is not empty. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return false;
  return wanted.every((segment, at) =>
    segment.startsWith(":") ? given[at] !== "" : segment === given[at],
  );
}
