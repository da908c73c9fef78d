import { describe, expect, test } from "bun:test";
import { apiOnMap } from "./asking";

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Record<string, unknown>;
  };
  readonly responses: Record<string, { readonly description: string; readonly content?: object }>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, { readonly properties: object }> };
}
const { api, ask } = apiOnMap();
const document = (await ask("GET", "/openapi/json")).json() as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const operation = (path: string, method: string) => document.paths[path]?.[method];

describe("the OpenAPI document", () => {
  test("lists every route of the interface", () => {
    expect(operations.map(({ path, method }) => `${method} ${path}`).toSorted()).toEqual([
      "delete /v1/cluster/members/{id}",
      "delete /v1/kv/{key}",
      "get /",
      "get /cluster/status",
      "get /get/{key}",
      "get /livez",
      "get /metrics",
      "get /openapi",
      "get /openapi/json",
      "get /readyz",
      "get /v1/backup",
      "get /v1/cluster/members",
      "get /v1/cluster/members/{id}",
      "get /v1/inspect",
      "get /v1/inspect/chart",
      "get /v1/inspect/live",
      "get /v1/inspect/transitions",
      "get /v1/kv",
      "get /v1/kv/{key}",
      "get /v1/log",
      "get /v1/why",
      "post /set",
      "post /v1/cluster/members",
      "post /v1/cluster/transfer-leadership",
      "post /v1/snapshot",
      "put /v1/cluster/members/{id}",
      "put /v1/kv/{key}",
    ]);
    const described = new Set(Object.keys(document.paths));
    const missing = api.routes
      .map(({ path }) => path.replace(/:(\w+)/, "{$1}"))
      .filter((path) => !described.has(path) && !/\.(js|css)$|^\/dashboard\//.test(path));
    expect(missing).toEqual([]);
  });

  test("is well-formed: 3.1, unique ids, described answers, path parameters named", () => {
    expect(document.openapi).toBe("3.1.0");
    const ids = operations.map((found) => found.operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      const named = operation.parameters.filter((parameter) => parameter.in === "path");
      const expected = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
      expect(named.map(({ name }) => name)).toEqual(expected);
      expect(Object.keys(operation.responses)).toContain("200");
      for (const { description } of Object.values(operation.responses)) {
        expect(description).toBeString();
      }
    }
  });

  test("has only references that lead somewhere", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    for (const [, reference] of references) expect(reference).toBe("#/components/schemas/Problem");
    expect(Object.keys(document.components.schemas.Problem?.properties ?? {})).toContain("outcome");
  });

  test("tells conditions and retries of every write, and of nothing else", () => {
    const WRITES = ["delete /v1/kv/{key}", "post /set", "put /v1/kv/{key}"];
    for (const { path, method, operation } of operations) {
      const headers = operation.parameters.filter((parameter) => parameter.in === "header");
      const expected = ["If-Match", "If-None-Match", "Idempotency-Key"];
      const isWrite = WRITES.includes(`${method} ${path}`);
      expect(headers.map(({ name }) => name)).toEqual(isWrite ? expected : []);
    }
  });

  test("tells bodies, queries and problems by the schemas that validate", () => {
    expect(operation("/set", "post")?.requestBody?.content).toMatchObject({
      "application/json": {
        schema: { required: ["key", "value"], additionalProperties: false },
      },
    });
    expect(operation("/v1/cluster/members/{id}", "put")?.requestBody).toMatchObject({
      required: true,
      content: { "application/json": { schema: { properties: { learner: {} } } } },
    });
    const transfer = operation("/v1/cluster/transfer-leadership", "post");
    expect(transfer?.requestBody).toMatchObject({ required: false });
    expect(Object.keys(operation("/v1/kv/{key}", "put")?.requestBody?.content ?? {})).toEqual([
      "application/json",
      "text/plain",
      "application/octet-stream",
    ]);
    const query = operation("/v1/kv", "get")?.parameters.map(({ name }) => name);
    expect(query).toEqual(["prefix", "limit", "cursor", "keys_only", "consistency", "timeout"]);
    const statuses = Object.keys(operation("/set", "post")?.responses ?? {});
    expect(statuses).toEqual([
      "200",
      "400",
      "403",
      "412",
      "413",
      "422",
      "429",
      "500",
      "503",
      "504",
      "507",
    ]);
    expect(operation("/get/{key}", "get")?.responses[404]?.content).toEqual({
      "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
    });
  });
});

describe("the OpenAPI page", () => {
  const outside = /(?:https?:)?\/\/[a-z]/i;

  test("asks nobody but this node, and forbids the browser to", async () => {
    const page = await ask("GET", "/openapi");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const asked = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url = ""]) => url);
    expect(asked.length).toBeGreaterThan(3);
    for (const url of asked) expect(url).toMatch(/^(\/openapi\/|data:,$)/);
    expect(page.text).not.toMatch(outside);
    expect((await ask("GET", "/openapi/page.js")).text).not.toMatch(outside);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toStartWith("default-src 'none'; script-src 'self';");
    const sources = policy
      .split(/; | /)
      .filter((word) => !/^[a-z-]+-(src|uri|action|ancestors)$/.test(word));
    expect(new Set(sources)).toEqual(new Set(["'none'", "'self'", "'unsafe-inline'", "data:"]));
  });
  test("finds everything that it asks for", async () => {
    const page = await ask("GET", "/openapi");
    const paths = [...page.text.matchAll(/"(\/openapi\/[^"]*)"/g)].map(([, path = ""]) => path);
    expect(paths).toEqual(["/openapi/page.css", "/openapi/bundle.js", "/openapi/page.js"]);
    for (const path of paths) {
      const answer = await ask("GET", path);
      expect(answer.status).toBe(200);
      const type = path.endsWith(".css") ? "text/css" : "text/javascript; charset=utf-8";
      expect(answer.headers.get("content-type")).toBe(type);
    }
    expect((await ask("GET", "/openapi/bundle.js")).text).toContain("SwaggerUIBundle");
  });
  test("of the style sheet loads nothing", async () => {
    const { text } = await ask("GET", "/openapi/page.css");
    for (const [, url = ""] of text.matchAll(/url\(\s*["']?([^"')]*)/g))
      expect(url).toStartWith("data:");
    expect(text).not.toContain("@import");
  });
});
