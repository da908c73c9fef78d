/**
 * The OpenAPI document, made of the schemas that validate, and the page that shows it. The page's
 * program comes out of a package on this machine: nothing asks an outside host, and the content
 * security policy has the browser see to it.
 */
import { toOpenAPISchema } from "@elysiajs/openapi/openapi";
import { type TSchema, TypeGuard } from "@sinclair/typebox";
import { type AnyElysia, Elysia } from "elysia";
import { IDEMPOTENCY_KEY_PATTERN, REVISION_TAG_PATTERN } from "./conditions";
import type { Replies } from "./replies";
import { NoQuery, Problem } from "./schemas";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Balsa: the HTTP interface</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/openapi/page.css">
</head>
<body>
<div id="page"></div>
<script src="/openapi/bundle.js"></script>
<script src="/openapi/page.js"></script>
</body>
</html>
`;
const START = `SwaggerUIBundle({
  url: "/openapi/json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
});
`;

const packaged = (file: string): string =>
  Bun.fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`));

/** Describes the routes that `app` has when the document is first asked for. */
export function openApiRoutes(app: AnyElysia, replies: Replies) {
  let document: string | null = null;
  const headers = { "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff" };
  const script = { type: "text/javascript; charset=utf-8", headers };
  const hidden = { query: NoQuery, detail: { hide: true } };
  return new Elysia({ normalize: false })
    .get("/openapi", () => replies.body(PAGE, { type: "text/html; charset=utf-8", headers }), {
      query: NoQuery,
      detail: { summary: "This description, as a page", tags: ["Health"] },
    })
    .get(
      "/openapi/json",
      () => {
        document ??= JSON.stringify(describe(app));
        return replies.json(document);
      },
      { query: NoQuery, detail: { summary: "This description", tags: ["Health"] } },
    )
    .get("/openapi/page.js", () => replies.body(START, script), hidden)
    .get(
      "/openapi/bundle.js",
      () => replies.body(Bun.file(packaged("swagger-ui-bundle.js")), script),
      hidden,
    )
    .get(
      "/openapi/page.css",
      () => replies.body(Bun.file(packaged("swagger-ui.css")), { type: "text/css", headers }),
      hidden,
    );
}

interface Operation {
  readonly tags?: readonly string[];
  readonly parameters?: readonly unknown[];
  readonly responses?: Readonly<Record<string, { readonly content?: unknown }>>;
}

/** What validates is in the routes; what the routes leave to the code is added here. */
function describe(app: AnyElysia) {
  const { paths, components } = toOpenAPISchema(app);
  const bodies = bodiesOf(app);
  return {
    openapi: "3.1.0",
    info: {
      title: "Balsa",
      version: "1",
      description:
        "A distributed key-value store with Raft consensus. Every node takes every request. " +
        "Every answer carries `X-Balsa-Node` and, where known, `X-Balsa-Leader`, " +
        "`X-Balsa-Term` and `X-Balsa-Revision`.",
    },
    tags: [
      { name: "Keys", description: "Keys and their values." },
      { name: "Writes", description: "What changes a key: conditional, and safe to retry." },
      { name: "Cluster", description: "The nodes and their log." },
      { name: "Inspection", description: "What a node's machines do, and why." },
      { name: "Health", description: "What watches over a node." },
    ],
    paths: mapValues(paths, (operations, path) =>
      mapValues(operations ?? {}, (operation, method) =>
        isOperation(operation) ? complete(operation, bodies.get(`${method} ${path}`)) : operation,
      ),
    ),
    components: { ...components, schemas: { ...components.schemas, Problem } },
  };
}

/** The schema of every JSON body, by method and path as the document writes them. */
function bodiesOf(app: AnyElysia): ReadonlyMap<string, TSchema> {
  return new Map(
    app.routes.flatMap(({ hooks, method, path }) => {
      const body: unknown = hooks.body;
      const name = `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`;
      return TypeGuard.IsSchema(body) ? [[name, body] as const] : [];
    }),
  );
}

/** One that may be absent says what stands for it. */
const jsonBody = (schema: TSchema) => ({
  required: schema.default === undefined,
  content: { "application/json": { schema } },
});

const PROBLEM = {
  "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
};
const WRITE_HEADERS = [
  header("If-Match", REVISION_TAG_PATTERN, "Only if the key's `mod_revision` is this."),
  header("If-None-Match", "^\\*$", "Only if there is no such key."),
  header("Idempotency-Key", IDEMPOTENCY_KEY_PATTERN, "Makes a retry safe, on any node."),
];

function header(name: string, pattern: string, description: string) {
  return { name, in: "header", required: false, description, schema: { type: "string", pattern } };
}

/** A path may also hold facts of its own, which the generator does not write. */
const isOperation = (part: unknown): part is Operation =>
  typeof part === "object" && part !== null && !Array.isArray(part);

function complete(operation: Operation, body: TSchema | undefined): Operation {
  const headers = operation.tags?.includes("Writes") ? WRITE_HEADERS : [];
  const responses = mapValues(operation.responses ?? { 200: {} }, (response, status) => {
    if (Number(status) < 400) return { description: "As asked.", ...response };
    return { description: `A problem of status ${status}.`, content: PROBLEM };
  });
  const { parameters = [] } = operation;
  return {
    ...operation,
    parameters: [...parameters, ...headers],
    // The generator does not see that a parser of our own takes JSON.
    ...(body && { requestBody: jsonBody(body) }),
    responses,
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, map(value, name)]),
  );
}
