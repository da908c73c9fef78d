import { describe, expect, test } from "bun:test";
import { decodeHello, decodeRefusal, encodeHello, encodeRefusal } from "../../src/codec/greetings";
import { MalformedError } from "../../src/codec/malformed";
import { nodeId, term } from "../../src/types";
import { helloOf } from "./greeting-fixture";
import { foreign } from "./sample-messages";

describe("greetings", () => {
  test("a hello survives its bytes", () => {
    const voted = helloOf(3, { hardState: { term: term(9), votedFor: nodeId(2) } });
    expect(decodeHello(encodeHello(voted))).toEqual(voted);
    const fresh = helloOf(3, { hardState: { term: term(0), votedFor: null } });
    expect(decodeHello(encodeHello(fresh))).toEqual(fresh);
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
