/** The client as others get it: the README's example, and its code by itself. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as kit from "balsa";
import { apiOnMap } from "../api/asking";
import { projectRoot } from "../architecture/source";

const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
const [example = ""] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? "");
const { api, node } = apiOnMap();
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: api.fetch });
const folder = mkdtempSync(join(tmpdir(), "balsa-client-"));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.stop(true);
});

test("the README's example does what it says", async () => {
  const [imported, ...code] = example.trim().split("\n");
  expect(imported).toBe('import { createClient, isClientError } from "balsa";');
  const script = [...code, 'await increment("visits");', 'await increment("visits");'].join("\n");
  const plain = new Bun.Transpiler({ loader: "ts", target: "bun" }).transformSync(script);
  const logged: unknown[] = [];
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const run = new AsyncFunction("createClient", "isClientError", "console", plain);
  const here = () => kit.createClient({ endpoints: [server.url.origin] });
  await here().set("img/logo", new Uint8Array([1]));
  await run(here, kit.isClientError, { log: (...said: unknown[]) => logged.push(said) });
  expect(logged).toEqual([["img/logo", new Uint8Array([1])]]);
  expect(await here().get("visits")).toMatchObject({ value: 2, version: 2 });
});

describe("bundled", () => {
  const bundle = join(folder, "client.mjs");
  let files: readonly string[] = [];
  beforeAll(async () => {
    const built = await Bun.build({
      entrypoints: [join(projectRoot, "src/client/index.ts")],
      target: "browser",
    });
    const text = (await built.outputs[0]?.text()) ?? "";
    files = [...text.matchAll(/^\/\/ (\S+\.m?[jt]s)$/gm)].map(([, file]) => file ?? "");
    await Bun.write(bundle, text);
  });

  test("it brings nothing of the server", () => {
    const brought = files.map((file) =>
      file.replace(/(node_modules\/(@[^/]+\/)?[^/]+|src\/[^/]+).*/, "$1"),
    );
    expect(new Set(brought)).toEqual(
      new Set(["src/client", "node_modules/@elysiajs/eden", "node_modules/eventsource-parser"]),
    );
  });

  test("it runs where there is no Bun", async () => {
    const script = [
      `import { createClient } from ${JSON.stringify(bundle)};`,
      `const client = createClient({ endpoints: ["127.0.0.1:1", "${server.url.host}"] });`,
      'await client.set("bytes", new Uint8Array([7]), { ifRevision: 0 });',
      'const { value } = await client.get("bytes");',
      "const events = client.inspection.follow();",
      "console.log(typeof Bun, value[0], (await events.next()).value.kind);",
      "await events.return();",
    ];
    const child = Bun.spawn(["node", "--input-type=module", "-e", script.join("\n")], {
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await new Response(child.stderr).text()).toBe("");
    expect(await new Response(child.stdout).text()).toBe("undefined 7 opened\n");
    expect(await child.exited).toBe(0);
    expect(node.items.has("bytes")).toBe(true);
  });
});
