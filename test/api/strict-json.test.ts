import { describe, expect, test } from "bun:test";
import { parseStrictJson } from "../../src/api/strict-json";
import { RequestError } from "../../src/errors";
import { seededRandom } from "../seeded-random";

describe("a number", () => {
  const kept = [
    ...["0", "-0", "0.0", "1.0", "1e2", "1E+2", "0.1", "123.456e-7", "1e308", "5e-324", "1e-7"],
    ...["9007199254740991", "9007199254740992", "-9007199254740991", "1e22"],
    // More zeros than digits that count.
    ...["100000000000000000000", "1.00000000000000000000", "0.000000000000000000001"],
    // A double as C prints it, with 17 digits.
    ...["0.10000000000000001", "3.1415926535897931", "1.7976931348623157e308"],
    ...["0e99999999999"],
  ];
  for (const number of kept) {
    test(`${number} is kept`, () => expect(parseStrictJson(`[${number}]`)).toEqual([+number]));
  }
  const lost = [
    ...["1e400", "-1e400", "1e309", "1e-400", "9007199254740993", "12345678901234567890"],
    ...["0.1234567890123456789", "1.0000000000000000001", "123456789012345678e-1", "1e99999999999"],
  ];
  for (const number of lost) {
    test(`${number} is refused`, () => expect(() => parseStrictJson(number)).toThrow(RequestError));
  }
  test("in a string is only text", () => {
    expect(parseStrictJson('["1e400","\\\\","1e400\\"",""]')).toEqual([
      "1e400",
      "\\",
      '1e400"',
      "",
    ]);
  });
});

describe("members", () => {
  test("of one name in different objects are fine, in one object not", () => {
    expect(parseStrictJson('[{"a":{"a":1}},{"a":":"}]')).toEqual([{ a: { a: 1 } }, { a: ":" }]);
    expect(() => parseStrictJson('{"a":1,"\\u0061":2}')).toThrow("two members of the same name");
    expect(() => parseStrictJson('{"__proto__":1,"__proto__":2}')).toThrow("two members");
  });
});

test("what JSON.stringify writes is kept", () => {
  const { random, below } = seededRandom("strict JSON");
  const text = () =>
    Array.from({ length: below(6) }, () => 'a"\\\n{}[]:,1é🌲 '.charAt(below(13)))
      .join("")
      .toWellFormed();
  const leaf = () => [text(), random() * 10 ** (below(40) - 20), below(1e15), null, true][below(5)];
  const tree = (depth: number): unknown => {
    if (depth === 0 || below(3) === 0) return leaf();
    const parts = Array.from({ length: below(5) }, () => tree(depth - 1));
    return below(2) === 0 ? parts : Object.fromEntries(parts.map((part) => [text(), part]));
  };
  for (let round = 0; round < 2_000; round++) {
    const value = tree(5);
    const spaced = JSON.stringify(value, null, below(3));
    expect(JSON.stringify(parseStrictJson(spaced))).toBe(JSON.stringify(value));
  }
});
