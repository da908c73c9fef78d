/** get, set, delete, list. */
import { describe, expect, test } from "bun:test";
import { Typist } from "./command-line";

const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);

describe("get and set", () => {
  test("a value goes in and comes out, on a terminal with the end of its line", async () => {
    const typist = new Typist();
    expect(await typist.type(["set", "name", "balsa"])).toMatchObject({
      code: 0,
      out: "set at revision 1\n",
      err: "",
    });
    expect((await typist.type(["get", "name"])).out).toBe("balsa");
    expect((await typist.type(["get", "name"], { columns: 80 })).out).toBe("balsa\n");
  });

  test("bytes come out of a pipe as they went into it", async () => {
    const typist = new Typist();
    const input = new Uint8Array(bytes);
    expect((await typist.type(["set", "b", "-", "--as", "bytes"], { input })).code).toBe(0);
    expect(new Uint8Array((await typist.type(["get", "b"])).bytes)).toEqual(bytes);
    expect((await typist.type(["get", "b"], { columns: 80 })).bytes.byteLength).toBe(256);
    expect((await typist.json(["get", "b"])).out).toEqual({
      key: "b",
      value: Buffer.from(bytes).toString("base64"),
      encoding: "base64",
      create_revision: 1,
      mod_revision: 1,
      version: 1,
    });
  });

  test("text from standard input is kept to the letter; what is no text is no text", async () => {
    const typist = new Typist();
    await typist.type(["set", "t", "-"], { input: "\ufefftwo\nlines\n" });
    expect((await typist.type(["get", "t"])).out).toBe("\ufefftwo\nlines\n");
    const refused = await typist.type(["set", "t", "-"], { input: new Uint8Array(bytes) });
    expect(refused.code).toBe(2);
    expect(refused.err).toBe("balsa: the value is not well-formed UTF-8: store it with --as bytes");
  });

  test("JSON is stored as JSON, and comes out compact", async () => {
    const typist = new Typist();
    await typist.type(["set", "j", ' {"a": [1, null]}', "--as", "json"]);
    expect(typist.node.items.get("j")?.value).toEqual({ kind: "json", json: '{"a":[1,null]}' });
    expect((await typist.type(["get", "j"])).out).toBe('{"a":[1,null]}');
    expect((await typist.type(["set", "j", "{", "--as", "json"])).code).toBe(2);
  });

  test("a key that is not there: 3, and nothing on standard output", async () => {
    const typist = new Typist();
    const missing = { code: 3, out: "", err: 'balsa: there is no key "no\\nne"' };
    expect(await typist.type(["get", "no\nne"])).toMatchObject(missing);
    expect(await typist.type(["delete", "no\nne"])).toMatchObject(missing);
    expect(await typist.json(["get", "none"])).toMatchObject({
      code: 3,
      out: null,
      err: { code: "key_not_found" },
    });
    expect(await typist.json(["delete", "none"])).toMatchObject({
      code: 3,
      out: { deleted: false },
    });
  });

  test("a stale read says on the other stream how old it may be", async () => {
    const typist = new Typist();
    await typist.type(["set", "name", "balsa"]);
    expect(await typist.type(["get", "name", "--stale"])).toMatchObject({
      out: "balsa",
      err: "at most 7 ms old",
    });
    typist.node.stalenessMs = null;
    expect(await typist.type(["get", "none", "--stale"])).toMatchObject({
      code: 3,
      err: 'of unknown age\nbalsa: there is no key "none"',
    });
  });

  test("conditions and keys for retries reach the node", async () => {
    const typist = new Typist();
    const first = ["set", "lock", "mine", "--if-revision", "0", "--idempotency-key", "k"];
    expect((await typist.json(first)).out).toMatchObject({ key: "lock", revision: 1 });
    expect((await typist.json(first)).out).toMatchObject({ key: "lock", revision: 1 });
    const late = await typist.json(["set", "lock", "yours", "--if-revision", "0"]);
    expect(late).toMatchObject({
      code: 1,
      out: null,
      err: { code: "precondition_failed", outcome: "not_applied", currentRevision: 1 },
    });
    expect((await typist.type(["delete", "lock", "--if-revision", "2"])).code).toBe(1);
    expect(await typist.type(["delete", "lock", "--if-revision", "1"])).toMatchObject({
      code: 0,
      out: "deleted at revision 2\n",
    });
  });
});

describe("list", () => {
  const stocked = async () => {
    const typist = new Typist();
    await typist.type(["set", "a/1", "one"]);
    await typist.type(["set", "a/2", "7", "--as", "json"]);
    await typist.type(["set", "b\u001b[31m\t", "-", "--as", "bytes"], { input: "xyz" });
    return typist;
  };

  test("rows under headings; nothing in a key or value steers the terminal", async () => {
    const typist = await stocked();
    const { out } = await typist.type(["list"]);
    expect(out).toBe(
      [
        "KEY            REVISION  VERSION  VALUE",
        'a/1                   1        1  "one"',
        "a/2                   2        1  7",
        "b\\u001b[31m\\t         3        1  <3 bytes>",
        "",
      ].join("\n"),
    );
    expect((await typist.type(["list", "c"])).out).toBe("");
  });

  test("keys alone, for scripts", async () => {
    const typist = await stocked();
    expect((await typist.type(["list", "a/", "--keys-only"])).out).toBe("a/1\na/2\n");
    expect((await typist.type(["list", "--keys-only", "--limit", "1"])).out).toBe("a/1\n");
    expect(typist.network.asked.at(-1)).toEndWith("&limit=1");
  });

  test("one JSON document, however many pages; an empty one, too", async () => {
    const typist = await stocked();
    const { items } = (await typist.json(["list"])).out;
    expect(items.map(({ key, value }: { key: string; value: unknown }) => [key, value])).toEqual([
      ["a/1", "one"],
      ["a/2", 7],
      ["b\u001b[31m\t", "eHl6"],
    ]);
    expect((await typist.json(["list", "none"])).out).toEqual({ items: [] });
    const one = new Typist();
    await one.type(["set", "k", "v"]);
    const item = one.node.items.get("k");
    if (item === undefined) throw new Error("it was set");
    for (let at = 1; at <= 1_000; at++) one.node.items.set(`k${at}`, { ...item, key: `k${at}` });
    expect((await one.json(["list"])).out.items.length).toBe(1_001);
    expect(one.network.asked.filter((line) => line.includes("/v1/kv?")).length).toBe(2);
  });

  test("on a terminal a row is cut to its width, wide letters counted as wide", async () => {
    const typist = new Typist();
    await typist.type(["set", "漢字漢字", "x".repeat(200)]);
    const { out } = await typist.type(["list"], { columns: 40 });
    const [heading, row] = out.split("\n");
    expect(heading).toBe("KEY       REVISION  VERSION  VALUE");
    expect(row).toBe('漢字漢字         1        1  "xxxxxxxxx…');
    expect(Bun.stringWidth(row ?? "")).toBe(40);
    expect((await typist.type(["list"])).out).toContain(`"${"x".repeat(200)}"`);
  });
});
