/**
 * Keeps foreign web pages out. A browser tells the truth in `Origin` and `Host`: a page of another
 * site has a foreign `Origin`; a page that had its own name resolve to this node (DNS rebinding)
 * has a foreign `Host`.
 */
import { isIP } from "node:net";
import type { Address } from "../types";
import { parseHostAndPort } from "./addresses";
import { PREFLIGHT_AGE_SECONDS } from "./limits";
import { forbiddenOrigin } from "./refusals";

/** Every address under which a member's API is known, asked anew each time. */
export type KnownAddresses = () => readonly Address[];

/** Tells the requests of this cluster's own pages, and of programs, from those of foreign pages. */
export class OriginRule {
  /** The last `Host` that was an IP address or localhost: nearly always the next one's, too. */
  private lastLiteralHost = "";

  constructor(private readonly known: KnownAddresses) {}

  /** Returns the request's `Origin`, null where it has none. **Errors**: `forbidden_origin`. */
  admit(request: Request): string | null {
    const host = request.headers.get("host") ?? hostOf(request.url);
    if (host !== this.lastLiteralHost) this.admitHost(host);
    const origin = request.headers.get("origin");
    if (origin !== null && !isOwnOrigin(origin, host, this.known)) {
      throw forbiddenOrigin(`the Origin ${origin} is no member of this cluster`);
    }
    return origin;
  }

  private admitHost(text: string): void {
    const host = parseHostAndPort(text)?.host;
    if (host !== undefined && (host === "localhost" || isIP(host) !== 0)) {
      this.lastLiteralHost = text;
      return;
    }
    const names = this.known().map((address) => parseHostAndPort(address)?.host);
    if (host === undefined || !names.includes(host)) {
      throw forbiddenOrigin(`the Host ${text} is no IP address, localhost or name of a member`);
    }
  }
}

/** HTTP/1.0 needs no `Host`, and its URL is then only a path. */
const hostOf = (url: string): string => (url.startsWith("/") ? "localhost" : new URL(url).host);

/** A page that this node served itself, or that another member did. */
function isOwnOrigin(origin: string, host: string, known: KnownAddresses): boolean {
  const asked = authorityOf(origin);
  if (asked === null) return false;
  const { scheme, authority } = asked;
  const own = [host, ...known()].map((address) => authorityOf(`${scheme}://${address}`));
  return own.some((member) => member?.authority === authority);
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Scheme, and host with port, of an origin as the Fetch standard writes it. */
function authorityOf(origin: string) {
  const [, scheme = "", rest = ""] = /^(https?):\/\/([^/?#@]+)$/.exec(origin) ?? [];
  const parsed = parseHostAndPort(rest);
  if (parsed === null) return null;
  return { scheme, authority: `${parsed.host} ${parsed.port ?? DEFAULT_PORTS[scheme]}` };
}

/** Lets a page of `origin` read the answer. */
export function allowOrigin(response: Response, origin: string): Response {
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.append("Vary", "Origin");
  response.headers.set(
    "Access-Control-Expose-Headers",
    "ETag, Location, Retry-After, X-Balsa-Node, X-Balsa-Leader, X-Balsa-Term, " +
      "X-Balsa-Revision, X-Balsa-Staleness-Ms",
  );
  return response;
}

/** What an `OPTIONS` answer says besides `allowOrigin`; `allow` lists the methods. */
export const preflightHeaders = (allow: string): Readonly<Record<string, string>> => ({
  Allow: allow,
  "Access-Control-Allow-Methods": allow,
  "Access-Control-Allow-Headers": "Content-Type, If-Match, If-None-Match, Idempotency-Key",
  "Access-Control-Max-Age": `${PREFLIGHT_AGE_SECONDS}`,
});
