/** The page's document, and what it may do: everything it needs is here, and nothing elsewhere. */
import type { Address } from "../../types";
import type { Assets } from "./assets";

/** Where the assets are, under the content's own name. */
export const ASSET_PATH = "/dashboard/";

/** What a policy can name: an IPv6 literal it cannot, and the page then asks its own node alone. */
const HOST_SOURCE = /^[A-Za-z0-9.-]+:\d{1,5}$/;

/** The addresses that the page may ask besides its own: those of the members. */
export const reachableFrom = (announced: readonly Address[]): readonly Address[] =>
  [...new Set(announced)].filter((address) => HOST_SOURCE.test(address)).sort();

/** Has the browser see to it that the page asks nobody but the members, and runs no other code. */
export const pagePolicy = (members: readonly Address[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...members].join(" "),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

/** Addresses hold nothing that HTML would take for its own: see `HOST_SOURCE`. */
export const pageDocument = (
  { icon, layoutWorker, script, style }: Assets,
  members: readonly Address[],
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Balsa</title>
<link rel="icon" type="image/svg+xml" href="${ASSET_PATH}${icon.name}">
<link rel="stylesheet" href="${ASSET_PATH}${style.name}">
<script type="module" src="${ASSET_PATH}${script.name}"></script>
</head>
<body data-members="${members.join(" ")}"
  data-layout-worker="${ASSET_PATH}${layoutWorker.name}">
<noscript>This page is drawn by JavaScript; /cluster/status and /v1/why need none.</noscript>
<div id="page"></div>
</body>
</html>
`;
