import { describe, expect, test } from "bun:test";
import { decodeHello, decodeRefusal, encodeHello, encodeRefusal } from "../../src/codec/greetings";
import { MalformedError } from "../../src/codec/malformed";
import { logIndex, term } from "../../src/types";
import { helloOf } from "./greeting-fixture";
import { foreign } from "./sample-messages";

describe("greetings", () => {
  test("a hello survives its bytes", () => {
    const hello = helloOf(3, { lastLogIndex: logIndex(7), lastLogTerm: term(2) });
    expect(decodeHello(encodeHello(hello))).toEqual(hello);
  });
  test("a later version may append to a hello and still be read", () => {
    const hello = helloOf(1, { protocolVersion: 9 });
    const longer = foreign.pack([...foreign.unpack(encodeHello(hello)), "news", { of: 9 }]);
    expect(decodeHello(longer)).toEqual(hello);
  });
  test("a hello without identity is malformed", () => {
    const fields: unknown[] = foreign.unpack(encodeHello(helloOf(1)));
    expect(() => decodeHello(foreign.pack(fields.with(3, 0)))).toThrow("node id is 0");
    expect(() => decodeHello(foreign.pack(fields.with(5, 0)))).toThrow("incarnation is 0");
    expect(() => decodeHello(foreign.pack(fields.with(6, "x".repeat(513))))).toThrow("longer");
  });
  test("a refusal survives its bytes, a long detail is cut", () => {
    const refusal = { code: "foreign_cluster", detail: "cluster a, not b" } as const;
    expect(decodeRefusal(encodeRefusal(refusal))).toEqual(refusal);
    const long = decodeRefusal(encodeRefusal({ code: "wiped", detail: "🌲".repeat(5_000) }));
    expect(long.detail.length).toBe(2_048);
    expect(() => decodeRefusal(foreign.pack([1, "bored", ""]))).toThrow(MalformedError);
  });
});
