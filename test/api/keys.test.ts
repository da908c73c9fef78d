import { describe, expect, test } from "bun:test";
import { apiOnMap, invalidRequest } from "./asking";

const KEYS: Readonly<Record<string, string>> = {
  "a plain one": "name",
  "with a slash": "a/b",
  "of slashes": "//",
  "with a space": "a b",
  "with a plus": "a+b",
  "with a percent sign": "100%",
  "that looks escaped": "%2F",
  "an emoji": "🌲",
  "a combining accent": "e\u0301",
  "a NUL": "\0",
  "a question mark and a hash": "?a=1#b",
  "dots among others": "..a",
  __proto__: "__proto__",
  constructor: "constructor",
  "of 1,024 bytes": "é".repeat(512),
  "the replacement character": "\ufffd",
};

describe("a key", () => {
  for (const [name, key] of Object.entries(KEYS)) {
    test(`${name} is the same in a path, in a body and in an answer`, async () => {
      const { ask, node } = apiOnMap();
      const path = `/v1/kv/${encodeURIComponent(key)}`;
      expect(await ask("PUT", path, { body: "1", headers: json }).then(jsonOf)).toMatchObject({
        key,
      });
      expect([...node.items.keys()]).toEqual([key]);
      const body = JSON.stringify({ key, value: 2 });
      expect(await ask("POST", "/set", { body }).then(jsonOf)).toMatchObject({ key, revision: 2 });
      for (const get of [path, path.replace("/v1/kv", "/get")]) {
        expect(await ask("GET", get).then(jsonOf)).toMatchObject({ key, value: 2, version: 2 });
      }
      expect(await ask("GET", "/v1/kv").then(jsonOf)).toMatchObject({ items: [{ key }] });
      expect(await ask("DELETE", path).then(jsonOf)).toMatchObject({ key, deleted: true });
    });
  }

  const json = { "Content-Type": "application/json" };
  const jsonOf = (answer: { json(): unknown }) => answer.json();

  const TOO_LONG = `the key has 1025 bytes; at most 1024 are taken`;
  const refusedPaths: readonly (readonly [segment: string, detail: string])[] = [
    ["", "the path's key is empty; a key has at least one byte"],
    ["%ff", "the path's key has an escape that is not UTF-8"],
    ["%zz", "the path's key has an escape that is not UTF-8"],
    ["%", "the path's key has an escape that is not UTF-8"],
    ["a%2", "the path's key has an escape that is not UTF-8"],
    ["%ed%a0%80", "the path's key has an escape that is not UTF-8"],
    ["%c0%af", "the path's key has an escape that is not UTF-8"],
    ["x".repeat(1025), TOO_LONG],
    [encodeURIComponent(`${"é".repeat(512)}a`), TOO_LONG],
  ];
  for (const [segment, detail] of refusedPaths) {
    test(`${segment.slice(0, 12) || "that is empty"} is refused in every path`, async () => {
      const { ask, node } = apiOnMap();
      const read = invalidRequest(detail, null);
      expect(await ask("GET", `/get/${segment}`).then(jsonOf)).toEqual(read);
      expect(await ask("GET", `/v1/kv/${segment}`).then(jsonOf)).toEqual(read);
      const write = invalidRequest(detail);
      expect(await ask("PUT", `/v1/kv/${segment}`, { body: "x" }).then(jsonOf)).toEqual(write);
      expect(await ask("DELETE", `/v1/kv/${segment}`).then(jsonOf)).toEqual(write);
      expect(node.proposed).toEqual([]);
      expect(node.reads).toEqual([]);
    });
  }

  const refusedBodies: readonly (readonly [key: string, detail: string])[] = [
    ['""', "the key is empty; a key has at least one byte"],
    [JSON.stringify("x".repeat(1025)), TOO_LONG],
    ['"\\ud83c"', "a string in the JSON has half a surrogate pair"],
    ["5", "body key: expected string"],
    ["null", "body key: expected string"],
  ];
  for (const [key, detail] of refusedBodies) {
    test(`${key.slice(0, 12)} is refused in a body`, async () => {
      const { ask, node } = apiOnMap();
      const answer = await ask("POST", "/set", { body: `{"key":${key},"value":1}` });
      expect(answer.json()).toEqual(invalidRequest(detail));
      expect(node.proposed).toEqual([]);
    });
  }

  test("with a slash that is not escaped is another path", async () => {
    const { ask } = apiOnMap();
    expect((await ask("GET", "/get/a/b")).json()).toMatchObject({ status: 404, code: "not_found" });
  });

  test("is not confused with a dot segment, which URLs do away with", async () => {
    const { ask, node } = apiOnMap();
    await ask("POST", "/set", { body: '{"key":"..","value":1}' });
    expect([...node.items.keys()]).toEqual([".."]);
    expect((await ask("GET", "/v1/kv/%2e%2e")).json()).toMatchObject({ code: "not_found" });
    // What is left is the page's own path, and an answer that nobody takes for a value.
    expect((await ask("GET", "/get/%2e%2e")).headers.get("content-type")).toStartWith("text/html");
  });
});
