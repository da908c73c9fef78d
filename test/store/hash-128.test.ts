import { describe, expect, test } from "bun:test";
import { Hash128 } from "../../src/store/hash-128";
import type { Value } from "../../src/types";
import { seededRandom } from "../seeded-random";

const hex = ({ a, b, c, d }: Hash128) =>
  [a, b, c, d].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
const hashOf = (feed: (hash: Hash128) => Hash128) => hex(feed(new Hash128().reset()).finish());

/** The character "1" as a value of each kind. */
const one = (kind: Value["kind"]) => ({ kind, bytes: new Uint8Array([49]), start: 0, end: 1 });

describe("the hash", () => {
  test("never changes: fingerprints outlive a release", () => {
    expect(hashOf((hash) => hash)).toBe("00000000000000000000000000000000");
    expect(hashOf((hash) => hash.numbers(1, 2 ** 53 - 1))).toBe("bd227a5a18c0b2789f71859eb9a2c572");
    expect(hashOf((hash) => hash.text("naïve 😀"))).toBe("b181b21b7b8a35afc12fa1e229be6603");
    expect(hashOf((hash) => hash.bytes(new Uint8Array(20_000).fill(7)))).toBe(
      "ad2e85f6449f96bb5ef5f903cde9e89c",
    );
  });

  test("of a text is that of its UTF-8, short or long", () => {
    for (const text of ["", "a", "é".repeat(15), "😀".repeat(16), "é".repeat(9_000)]) {
      const utf8 = new TextEncoder().encode(text);
      expect(hashOf((hash) => hash.text(text))).toBe(hashOf((hash) => hash.bytes(utf8)));
    }
  });

  test("tells fields apart where only their borders or their padding differ", () => {
    const hashes = [
      hashOf((hash) => hash.text("ab").text("c")),
      hashOf((hash) => hash.text("a").text("bc")),
      hashOf((hash) => hash.text("abc")),
      hashOf((hash) => hash.text("abc").text("")),
      hashOf((hash) => hash.text("").text("abc")),
      hashOf((hash) => hash.text("abc\0")),
      hashOf((hash) => hash.numbers(0, 0)),
      hashOf((hash) => hash.numbers(0, 0).numbers(0, 0)),
      hashOf((hash) => hash.text("\0".repeat(16))),
      hashOf((hash) => hash.value(one("text"))),
      hashOf((hash) => hash.value(one("json"))),
      hashOf((hash) => hash.value(one("bytes"))),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test("never changes for a value either, and looks at nothing around it", () => {
    const hashes = (["text", "json", "bytes"] as const).map((kind) =>
      hashOf((hash) => hash.value(one(kind))),
    );
    expect(hashes).toEqual([
      "ade81f4175517c5b842286735d5babaa",
      "f308df23b221cd04ac15cab30ba91630",
      "fdd0c37ac463a151a36a239619470cbc",
    ]);
    const amid = { ...one("text"), bytes: new Uint8Array([7, 49, 7]), start: 1, end: 2 };
    expect(hashOf((hash) => hash.value(amid))).toBe(hashes[0] ?? "");
  });

  test("leaves nothing behind for the next one", () => {
    const hash = new Hash128();
    hash.reset().text("a long text that fills more than one block of the hash").finish();
    expect(hex(hash.reset().text("a").finish())).toBe(hashOf((fresh) => fresh.text("a")));
  });

  test("one flipped bit flips about half of the hash, wherever it lies", () => {
    const { below } = seededRandom("hash avalanche");
    let flipped = 0;
    const rounds = 2_000;
    for (let round = 0; round < rounds; round++) {
      const bytes = Uint8Array.from({ length: 1 + below(64) }, () => below(256));
      const before = new Hash128().reset().bytes(bytes).finish();
      const at = below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
      const after = new Hash128().reset().bytes(bytes).finish();
      const difference = [before.a ^ after.a, before.b ^ after.b, before.c ^ after.c];
      for (const lane of [...difference, before.d ^ after.d]) flipped += bitCount(lane);
    }
    expect(flipped / rounds).toBeGreaterThan(60);
    expect(flipped / rounds).toBeLessThan(68);
  });

  test("no two of 200,000 like texts share even half of it", () => {
    const halves = new Set<string>();
    const hash = new Hash128();
    for (let number = 0; number < 200_000; number++) {
      const { a, b } = hash.reset().text(`user/${number}`).finish();
      halves.add(`${a},${b}`);
    }
    expect(halves.size).toBe(200_000);
  });
});

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
