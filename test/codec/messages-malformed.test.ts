import { describe, expect, test } from "bun:test";
import { decodeHello, decodeRefusal, encodeHello } from "../../src/codec/greetings";
import { MalformedError } from "../../src/codec/malformed";
import { decodePeerMessage, encodePeerMessage } from "../../src/codec/messages";
import type { PeerMessage } from "../../src/messages";
import { seededRandom } from "../seeded-random";
import { helloOf } from "./greeting-fixture";
import { appendEntries, bytesOf, entries, foreign, messages, plain } from "./sample-messages";

describe("malformed peer messages", () => {
  const rejects = (fields: unknown, detail: string) => {
    const bytes = foreign.pack(fields);
    expect(() => decodePeerMessage(bytes)).toThrow(new MalformedError("peer message", detail));
  };

  test("another version", () => rejects([2, 7, true, 1], "version 2 is not spoken here"));
  test("an unknown kind", () => rejects([1, 31, true, 1], "unknown kind 31"));
  test("an unknown request", () => rejects([1, 40, 1, 1], "unknown kind 40"));
  test("an unknown answer", () => rejects([1, 1_000, 1], "unknown kind 1000"));
  test("no array", () => rejects({ kind: 7 }, "not an array"));
  test("a surplus field", () => rejects([1, 7, true, 1, 1], "5 fields"));
  test("a missing field", () => rejects([1, 7, true], "term is not a whole number"));
  test("a negative term", () => rejects([1, 7, true, -1], "term is not a whole number"));
  test("a fraction", () => rejects([1, 7, true, 1.5], "term is not a whole number"));
  test("an unsafe integer", () => rejects([1, 7, true, 2 ** 53], "term is not a whole number"));
  test("a wide integer", () => rejects([1, 7, true, 5n], "term is not a whole number"));
  test("a number as text", () => rejects([1, 7, true, "1"], "term is not a whole number"));
  test("an extension type", () => rejects([1, 7, true, new Date(0)], "term is not a whole number"));
  test("null where none may be", () => rejects([1, 7, null, 1], "has room is not a boolean"));
  test("text where bytes belong", () => rejects([1, 32, 1, 1, "x"], "command is not bytes"));
  test("an inherited word", () =>
    rejects([1, 51, 1, "toString", "", "none", true], "code is an unknown word"));
  test("ill-formed text", () => {
    // 0xED 0xA0 0x80 would be a lone surrogate; a decoder may not let it through as text.
    const bytes = bytesOf(0x95, 1, 51, 1, 0xa3, 0xed, 0xa0, 0x80, 0xa0);
    expect(() => decodePeerMessage(bytes)).toThrow(MalformedError);
  });
  test("entries behind a gap", () => {
    const message = appendEntries(entries(12, 1));
    const bytes = encodePeerMessage({ kind: "raft", hasRoom: true, message });
    expect(() => decodePeerMessage(bytes)).toThrow("entry 12 behind a gap");
  });
  test("a chunk without bytes", () =>
    rejects([1, 8, true, 4, 7, 9, 3, 10, 0, 0, bytesOf()], "the chunk is empty"));
  test("a chunk that leaves its snapshot", () =>
    rejects([1, 8, true, 4, 7, 9, 3, 10, 0, 8, bytesOf(1, 2, 3)], "the chunk leaves its snapshot"));
  test("a snapshot of nothing", () =>
    rejects([1, 8, true, 4, 7, 0, 3, 10, 0, 0, bytesOf(1)], "last included index is 0"));
  test("more of a snapshot than there is", () =>
    rejects([1, 9, true, 4, 7, 9, 3, 10, 0, 11], "more was received than there is"));
  test("a damaged record", () => {
    const bytes = encodePeerMessage({
      kind: "raft",
      hasRoom: true,
      message: appendEntries(entries(11, 2)),
    });
    const damaged = Uint8Array.from(bytes);
    damaged[bytes.length - 5] = (damaged[bytes.length - 5] ?? 0) ^ 1;
    expect(() => decodePeerMessage(damaged)).toThrow(MalformedError);
  });
});

describe("fuzzing: only MalformedError, or a whole message", () => {
  const { below: draw, seed } = seededRandom("message fuzz");
  const decoders = [decodePeerMessage, decodeHello, decodeRefusal];
  const good = [...messages.map(encodePeerMessage), encodeHello(helloOf(1))];

  const attempt = (bytes: Uint8Array) => {
    for (const decode of decoders) {
      try {
        const message = decode(bytes);
        if (decode === decodePeerMessage) encodePeerMessage(message as PeerMessage);
      } catch (error) {
        if (error instanceof MalformedError) continue;
        throw new Error(`seed ${seed}: ${Buffer.from(bytes).toString("hex")}`, { cause: error });
      }
    }
  };

  test("random bytes", () => {
    for (let i = 0; i < 5_000; i++) {
      attempt(Uint8Array.from({ length: draw(64) }, () => draw(256)));
      attempt(
        Uint8Array.from({ length: draw(24) }, (_, at) => (at < 2 ? [0x98, 1][at] : 0) || draw(256)),
      );
    }
  });
  test("every truncation", () => {
    for (const bytes of good) {
      for (let end = 0; end < Math.min(bytes.length, 300); end++) attempt(bytes.subarray(0, end));
    }
  });
  test("mutated good messages", () => {
    for (let i = 0; i < 10_000; i++) {
      const bytes = Uint8Array.from(good[draw(good.length)] ?? []);
      for (let flips = 1 + draw(4); flips > 0; flips--) bytes[draw(bytes.length)] = draw(256);
      attempt(bytes);
    }
  });
  test("the decoder still works afterwards", () => {
    for (const message of messages) {
      expect(plain(decodePeerMessage(encodePeerMessage(message)))).toEqual(plain(message));
    }
  });
});
