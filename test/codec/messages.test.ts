import { describe, expect, test } from "bun:test";
import { decodePeerMessage, encodePeerMessage } from "../../src/codec/messages";
import { term } from "../../src/types";
import { appendEntries, entries, messages, plain } from "./sample-messages";

describe("peer messages", () => {
  for (const message of messages) {
    const name = message.kind === "raft" ? message.message.type : JSON.stringify(plain(message));
    test(`survives its bytes: ${name.slice(0, 70)}`, () => {
      expect(plain(decodePeerMessage(encodePeerMessage(message)))).toEqual(plain(message));
    });
  }

  test("is plain msgpack, version first, that any decoder reads", () => {
    const bytes = encodePeerMessage({
      kind: "raft",
      hasRoom: true,
      message: { type: "PreVoteReply", term: term(2), granted: true },
    });
    expect(Buffer.from(bytes).toString("hex")).toBe("950102c302c3");
  });

  test("carries entries as their very records", () => {
    const carried = entries(11, 2);
    const bytes = encodePeerMessage({
      kind: "raft",
      hasRoom: true,
      message: appendEntries(carried),
    });
    const records = Buffer.concat(carried.map((entry) => entry.record));
    expect(Buffer.from(bytes).includes(records)).toBe(true);
  });

  test("rounds an age and a deadline up to whole milliseconds", () => {
    const aged = { ...appendEntries([]), confirmedAgeMs: 1.2 };
    const bytes = encodePeerMessage({ kind: "raft", hasRoom: true, message: aged });
    expect(decodePeerMessage(bytes)).toMatchObject({ message: { confirmedAgeMs: 2 } });
    const request = {
      kind: "request",
      id: 1,
      timeoutMs: 0.5,
      request: { type: "report" },
    } as const;
    expect(decodePeerMessage(encodePeerMessage(request))).toMatchObject({ timeoutMs: 1 });
  });
});
