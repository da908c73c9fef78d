import { expect, test } from "bun:test";
import { apiOnMap } from "../asking";

const { ask, node } = apiOnMap();
const PAGE_TYPE = "text/html; charset=utf-8";

/** The files that the document names. */
async function filesOf() {
  const { text } = await ask("GET", "/");
  const find = (pattern: RegExp) => pattern.exec(text)?.[1] ?? "";
  return {
    script: find(/<script type="module" src="([^"]+)">/),
    style: find(/<link rel="stylesheet" href="([^"]+)">/),
    worker: find(/data-layout-worker="([^"]+)"/),
    icon: find(/<link rel="icon"[^>]* href="([^"]+)">/),
  };
}
const files = await filesOf();

test("the page is a document that names files of this node, and nothing else", async () => {
  const page = await ask("GET", "/");
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toBe(PAGE_TYPE);
  const named = [...page.text.matchAll(/(?:src|href|data-layout-worker)="([^"]*)"/g)];
  expect(named.map(([, url]) => url).toSorted()).toEqual(Object.values(files).toSorted());
  for (const url of Object.values(files)) {
    expect(url).toMatch(/^\/dashboard\/[a-z]+-[0-9a-f]{16}\.(js|css|svg)$/);
  }
  expect(page.text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on[a-z]+=/);
});

test("the browser is told to ask the members alone, and to run files alone", async () => {
  node.announced = ["10.0.0.2:8082", "kv.example:8082", "[::1]:8083", 'x"><script>:1'];
  const { headers, text } = await ask("GET", "/");
  expect(headers.get("content-security-policy")).toBe(
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; " +
      "img-src 'self'; connect-src 'self' 10.0.0.2:8082 kv.example:8082 own.example:8080; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(text).toContain('data-members="10.0.0.2:8082 kv.example:8082 own.example:8080"');
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});

test("each file has its type, and may be kept for good under a name of its content", async () => {
  const types = {
    script: "text/javascript; charset=utf-8",
    style: "text/css; charset=utf-8",
    worker: "text/javascript; charset=utf-8",
    icon: "image/svg+xml",
  } as const;
  for (const [what, path] of Object.entries(files)) {
    const { headers, status, bytes } = await ask("GET", path);
    expect(status).toBe(200);
    expect(bytes.length).toBeGreaterThan(100);
    expect(headers.get("content-type")).toBe(types[what as keyof typeof types]);
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(headers.get("etag")).toBe(`"${/-([0-9a-f]+)\./.exec(path)?.[1]}"`);
  }
});

test("what the browser holds already is not sent again", async () => {
  for (const path of ["/", files.script]) {
    const first = await ask("GET", path);
    const tag = first.headers.get("etag") ?? "";
    const again = await ask("GET", path, { headers: { "if-none-match": `"other", ${tag}` } });
    expect(again.status).toBe(304);
    expect(again.bytes.length).toBe(0);
    const changed = await ask("GET", path, { headers: { "if-none-match": '"other"' } });
    expect(changed.status).toBe(200);
  }
  expect((await ask("GET", "/")).headers.get("cache-control")).toBe("no-cache");
});

test("a file goes compressed to whom takes that, under a tag of its own", async () => {
  const plain = await ask("GET", files.script);
  const packed = await ask("GET", files.script, { headers: { "accept-encoding": "br, gzip" } });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(packed.headers.get("vary")).toBe("Accept-Encoding");
  expect(packed.headers.get("etag")).not.toBe(plain.headers.get("etag"));
  expect(Bun.gunzipSync(new Uint8Array(packed.bytes))).toEqual(new Uint8Array(plain.bytes));
});

test("HEAD answers as GET does, without a body", async () => {
  for (const path of ["/", files.style]) {
    const got = await ask("GET", path);
    const head = await ask("HEAD", path);
    expect(head.status).toBe(200);
    expect(head.bytes.length).toBe(0);
    for (const name of ["content-type", "etag", "cache-control"]) {
      expect(head.headers.get(name)).toBe(got.headers.get(name));
    }
  }
});

test("a file of another version is not there, nor is anything else", async () => {
  for (const name of ["page-0000000000000000.js", "..%2Fdocument.ts", "page.tsx"]) {
    expect((await ask("GET", `/dashboard/${name}`)).status).toBe(404);
  }
  expect((await ask("POST", "/")).status).toBe(405);
  expect((await ask("GET", "/?theme=dark")).status).toBe(400);
});

/** Names of namespaces and of documents in messages: text that nobody asks for anything. */
const NAMED_ONLY = ["www.w3.org", "www.eclipse.org", "github.com"];

test("no byte of the page asks another host", async () => {
  const style = (await ask("GET", files.style)).text;
  expect(style).not.toMatch(/@import|url\(/);
  for (const path of [files.script, files.worker]) {
    const { text } = await ask("GET", path);
    const hosts = [...text.matchAll(/(?:https?|wss?):\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)/gi)];
    expect(
      hosts.map(([, host]) => host).filter((host) => !NAMED_ONLY.includes(host ?? "")),
    ).toEqual([]);
    expect(text).not.toMatch(/\beval\(|new Function\b/);
  }
});
