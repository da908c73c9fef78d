import { describe, expect, test } from "bun:test";
import type { Value } from "../../src/types";
import { apiOnMap, invalidRequest } from "./asking";

const MIB = 1024 * 1024;
const json = { "Content-Type": "application/json" };
const text = { "Content-Type": "text/plain" };

/** PUTs a body and says what the node was given. */
async function stored(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<Value | undefined> {
  const { ask, node } = apiOnMap();
  expect((await ask("PUT", "/v1/kv/k", { body, headers })).status).toBe(200);
  return node.items.get("k")?.value;
}

describe("a value", () => {
  const jsonValues = ["null", "true", "0", "-1.5", '{"a":[1,{"b":null}]}', "[]", "1e21", "{}"];
  for (const value of jsonValues) {
    test(`${value} is kept as JSON, and answered verbatim`, async () => {
      const { ask, node } = apiOnMap();
      await ask("POST", "/set", { body: `{"value": ${value}, "key": "k"}` });
      expect(node.items.get("k")?.value).toEqual({ kind: "json", json: compact(value) });
      expect((await ask("GET", "/get/k")).text).toBe(
        `{"key":"k","value":${compact(value)},"create_revision":1,"mod_revision":1,"version":1}`,
      );
      expect(await stored(value, json)).toEqual({ kind: "json", json: compact(value) });
    });
  }
  const compact = (value: string) => JSON.stringify(JSON.parse(value));

  test("of JSON keeps the order of its members, and members named like built-ins", async () => {
    const value = '{"z":1,"__proto__":{"x":1},"constructor":2,"a":"é\\u0001"}';
    expect(await stored(value, json)).toEqual({ kind: "json", json: value });
  });
  test("that is a JSON string is text", async () => {
    expect(await stored('"caf\\u00e9 \\ud83c\\udf32"', json)).toEqual({
      kind: "text",
      text: "café 🌲",
    });
    const { ask, node } = apiOnMap();
    await ask("POST", "/set", { body: '{"key":"k","value":""}' });
    expect(node.items.get("k")?.value).toEqual({ kind: "text", text: "" });
  });
  test("by content type is text, JSON or bytes", async () => {
    const plain = { kind: "text" as const, text: "a=1&b" };
    const form = "application/x-www-form-urlencoded";
    for (const type of ["text/plain", "Text/CSV; charset=UTF-8", form]) {
      expect(await stored("a=1&b", { "Content-Type": type })).toEqual(plain);
    }
    const bytes = new Uint8Array([0, 255, 254]);
    for (const type of ["application/octet-stream", "image/png", "application/x+json"]) {
      expect(await stored(bytes, { "Content-Type": type })).toEqual({ kind: "bytes", bytes });
    }
    expect(await stored(bytes, {})).toEqual({ kind: "bytes", bytes });
    const charset = { "Content-Type": "application/json; charset=utf-8" };
    expect(await stored("[1, 2]", charset)).toEqual({ kind: "json", json: "[1,2]" });
  });
  test("of text keeps a byte order mark and may be empty", async () => {
    expect(await stored("\ufeffa", text)).toEqual({ kind: "text", text: "\ufeffa" });
    expect(await stored("", text)).toEqual({ kind: "text", text: "" });
  });

  test("of bytes is answered in base64, or raw", async () => {
    const { ask } = apiOnMap();
    const bytes = new Uint8Array([0, 255, 16]);
    await ask("PUT", "/v1/kv/k", { body: bytes });
    const facts = { create_revision: 1, mod_revision: 1, version: 1 };
    const shown = { key: "k", value: "AP8Q", encoding: "base64", ...facts };
    expect((await ask("GET", "/get/k")).json()).toEqual(shown);
    expect((await ask("GET", "/v1/kv/k")).json()).toEqual(shown);
    const raw = await ask("GET", "/v1/kv/k", { headers: { Accept: "application/octet-stream" } });
    expect(raw.bytes).toEqual(bytes);
    expect(raw.headers.get("content-type")).toBe("application/octet-stream");
    expect(raw.headers.get("etag")).toBe('"1"');
  });
  test("raw is unquoted text or compact JSON, where bytes are asked for among others", async () => {
    const { ask } = apiOnMap();
    const accept = { Accept: "text/html, Application/Octet-Stream;q=0.9" };
    await ask("PUT", "/v1/kv/t", { body: "é", headers: text });
    expect((await ask("GET", "/v1/kv/t", { headers: accept })).text).toBe("é");
    await ask("PUT", "/v1/kv/j", { body: "[ 1 ]", headers: json });
    expect((await ask("GET", "/v1/kv/j", { headers: accept })).text).toBe("[1]");
    const any = await ask("GET", "/v1/kv/j", { headers: { Accept: "*/*" } });
    expect(any.json()).toMatchObject({ value: [1] });
  });
});

describe("a value's size", () => {
  const tooLarge = (actual: number) => ({
    type: "urn:balsa:problem:too_large",
    title: "Too large",
    status: 413,
    detail: `the value has ${actual} bytes; at most ${MIB} are taken`,
    code: "too_large",
    retryable: false,
    outcome: "not_applied",
    limit: MIB,
    actual,
  });

  test("is measured on the text's UTF-8", async () => {
    const { ask, node } = apiOnMap();
    const set = (value: string) =>
      ask("POST", "/set", { body: JSON.stringify({ key: "k", value }) });
    expect((await set("é".repeat(MIB / 2))).status).toBe(200);
    expect((await set(`${"é".repeat(MIB / 2)}a`)).json()).toEqual(tooLarge(MIB + 1));
    // Escapes make the body six times as long as the text.
    const escaped = `{"key":"k","value":"${"\\u0041".repeat(MIB)}"}`;
    expect((await ask("POST", "/set", { body: escaped })).status).toBe(200);
    expect(node.proposed).toHaveLength(2);
  });
  test("is measured on the bytes", async () => {
    const { ask } = apiOnMap();
    const put = (size: number) => ask("PUT", "/v1/kv/k", { body: new Uint8Array(size) });
    expect((await put(MIB)).status).toBe(200);
    expect((await put(MIB + 1)).json()).toEqual(tooLarge(MIB + 1));
  });
  test("is measured on the compact JSON", async () => {
    const { ask } = apiOnMap();
    const put = (body: string) => ask("PUT", "/v1/kv/k", { body, headers: json });
    const numbers = `[${"1,  ".repeat(MIB / 2 - 1)}1]`;
    expect((await put(numbers)).json()).toEqual(tooLarge(MIB + 1));
    expect((await put(numbers.replace("1,  ", ""))).status).toBe(200);
  });
});

describe("a body that cannot be kept as it is", () => {
  const refused: readonly (readonly [what: string, body: string | number[], detail: string])[] = [
    ["nothing", "", "the body is not JSON: JSON Parse error: Unexpected EOF"],
    ["half an object", '{"a"', "the body is not JSON: JSON Parse error"],
    ["two values", "1 2", "the body is not JSON: JSON Parse error"],
    ["not UTF-8", [0x22, 0xff, 0x22], "the body is not well-formed UTF-8, as JSON must be"],
    ["a byte order mark", "\ufeff1", "the body is not JSON: JSON Parse error"],
    ["infinity", "[1e400]", "the number 1e400 cannot be stored exactly; send a string"],
    ["a long integer", "9007199254740993", "the number 9007199254740993 cannot be stored exactly"],
    ["half a pair", '{"\\ud800":1}', "a string in the JSON has half a surrogate pair"],
    ["twins", '[{"a":1,"a":2}]', "an object in the JSON has two members of the same name"],
    ["513 deep", "[".repeat(513) + "]".repeat(513), "the JSON is nested 513 deep; at most 512"],
    ["deep", "[".repeat(1e6) + "]".repeat(1e6), "the JSON is nested 1000000 deep; at most 512"],
  ];
  for (const [what, given, detail] of refused) {
    test(`${what} is refused as JSON`, async () => {
      const { ask, node } = apiOnMap();
      const body = typeof given === "string" ? given : new Uint8Array(given);
      const answer = await ask("PUT", "/v1/kv/k", { body, headers: json });
      expect(answer.json()).toEqual(invalidRequest(expect.stringContaining(detail)));
      const whole = new Uint8Array(
        await new Blob(['{"key":"k","value":', body, "}"]).arrayBuffer(),
      );
      expect((await ask("POST", "/set", { body: whole })).status).toBe(400);
      expect(node.proposed).toEqual([]);
    });
  }
  test("text that is not UTF-8 is refused as text", async () => {
    const { ask } = apiOnMap();
    const put = (headers: Record<string, string>) =>
      ask("PUT", "/v1/kv/k", { body: new Uint8Array([0x61, 0xff]), headers });
    const mend = "as text must be; bytes go as application/octet-stream";
    const detail = `the body is not well-formed UTF-8, ${mend}`;
    expect((await put(text)).json()).toEqual(invalidRequest(detail));
    const latin = "text is taken as UTF-8, not iso-8859-1; send other encodings as bytes";
    const answer = await put({ "Content-Type": "text/plain; charset=iso-8859-1" });
    expect(answer.json()).toEqual(invalidRequest(latin));
  });
});
