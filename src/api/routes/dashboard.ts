/** The page at `/`, and the files it is made of. */
import { Elysia, t } from "elysia";
import type { Address } from "../../types";
import { type Asset, hashOf, PageAssets } from "../dashboard/assets";
import { ASSET_PATH, pageDocument, pagePolicy, reachableFrom } from "../dashboard/document";
import { notFound } from "../refusals";
import type { Replies } from "../replies";
import { NoQuery } from "../schemas";

interface DashboardRouteParts {
  readonly replies: Replies;
  /** Every address under which a member's API is known, asked anew each time. */
  readonly addresses: () => readonly Address[];
}

/** A year: a file of another content has another name. */
const FOR_GOOD = "public, max-age=31536000, immutable";
/** The document names the files of now, and is compared each time. */
const COMPARED = "no-cache";

export const dashboardRoutes = ({ addresses, replies }: DashboardRouteParts) => {
  const assets = new PageAssets();

  const page = async (request: Request) => {
    const members = reachableFrom(addresses());
    const document = pageDocument(await assets.load(), members);
    const tag = `"${hashOf(document)}"`;
    const headers = {
      ...SAFELY,
      "Cache-Control": COMPARED,
      "Content-Security-Policy": pagePolicy(members),
      ETag: tag,
    };
    const type = "text/html; charset=utf-8";
    return isHeld(request, tag)
      ? replies.body(null, { type, status: 304, headers })
      : replies.body(document, { type, headers });
  };

  const file = async (name: string, request: Request) => {
    const found = await assets.find(name);
    return found === null ? null : fileReply(replies, found, request);
  };

  return new Elysia({ normalize: false })
    .get("/", ({ request }) => page(request), {
      query: NoQuery,
      detail: { summary: "The dashboard, as a page", tags: ["Inspection"] },
    })
    .get(
      `${ASSET_PATH}:file`,
      async ({ params, request }) => {
        const reply = await file(params.file, request);
        if (reply === null) throw notFound(`${ASSET_PATH}${params.file}`);
        return reply;
      },
      { params: t.Object({ file: t.String() }), query: NoQuery, detail: { hide: true } },
    );
};

const SAFELY = { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer" };

function fileReply(replies: Replies, { gzipped, hash, plain, type }: Asset, request: Request) {
  const isGzipped = /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "");
  const tag = isGzipped ? `"${hash}-gzip"` : `"${hash}"`;
  const headers = {
    ...SAFELY,
    "Cache-Control": FOR_GOOD,
    ETag: tag,
    Vary: "Accept-Encoding",
    ...(isGzipped && { "Content-Encoding": "gzip" }),
  };
  return isHeld(request, tag)
    ? replies.body(null, { type, status: 304, headers })
    : replies.body(isGzipped ? gzipped : plain, { type, headers });
}

/** Whether the browser has what it would be sent. */
const isHeld = (request: Request, tag: string): boolean =>
  request.headers
    .get("if-none-match")
    ?.split(",")
    .some((held) => held.trim() === tag) ?? false;
