import { describe, expect, test } from "bun:test";
import { Packr } from "msgpackr";
import { encodeEntry } from "../../src/codec/entries";
import { decodeHello, decodeRefusal, encodeHello, encodeRefusal } from "../../src/codec/greetings";
import { MalformedError } from "../../src/codec/malformed";
import { decodePeerMessage, encodePeerMessage } from "../../src/codec/messages";
import type { AppendEntries, PeerAnswer, PeerMessage, RaftMessage } from "../../src/messages";
import { type LogEntry, logIndex, nodeId, revision, term } from "../../src/types";
import { seededRandom } from "../seeded-random";
import { helloOf } from "./greeting-fixture";

const foreign = new Packr({ useRecords: false });
const bytesOf = (...values: number[]) => new Uint8Array(values);

function entries(first: number, count: number): readonly LogEntry[] {
  return Array.from({ length: count }, (_, i) =>
    encodeEntry(
      { kind: "command", command: new Uint8Array(256).fill(i) },
      { index: logIndex(first + i), term: term(3), timeMs: 1_700_000_000_000 + i },
    ),
  );
}

const appendEntries = (carried: readonly LogEntry[]): AppendEntries => ({
  type: "AppendEntries",
  term: term(4),
  prevLogIndex: logIndex(10),
  prevLogTerm: term(3),
  leaderCommit: logIndex(9),
  round: 77,
  confirmedAgeMs: 12,
  entries: carried,
});

const raftMessages: readonly RaftMessage[] = [
  { type: "PreVote", term: term(2), lastLogIndex: logIndex(5), lastLogTerm: term(1) },
  { type: "PreVoteReply", term: term(2), granted: true },
  {
    type: "RequestVote",
    term: term(2 ** 53 - 1),
    lastLogIndex: logIndex(2 ** 40),
    lastLogTerm: term(2 ** 33),
    transfer: true,
  },
  { type: "RequestVoteReply", term: term(0), granted: false },
  appendEntries([]),
  { ...appendEntries(entries(11, 3)), confirmedAgeMs: null },
  {
    type: "AppendEntriesReply",
    term: term(4),
    round: 77,
    accepted: true,
    matchIndex: logIndex(13),
    counts: false,
  },
  {
    type: "AppendEntriesReply",
    term: term(4),
    round: 77,
    accepted: false,
    prevLogIndex: logIndex(10),
    conflictTerm: null,
    conflictIndex: logIndex(1),
  },
  {
    type: "AppendEntriesReply",
    term: term(4),
    round: 0,
    accepted: false,
    prevLogIndex: logIndex(10),
    conflictTerm: term(2),
    conflictIndex: logIndex(7),
  },
  { type: "TimeoutNow", term: term(4) },
];

const decision = { revision: revision(6), term: term(3), index: logIndex(8) };
const answers: readonly PeerAnswer[] = [
  { type: "proposed", result: { kind: "set", ...decision } },
  { type: "proposed", result: { kind: "deleted", deleted: true, ...decision } },
  {
    type: "proposed",
    result: { kind: "preconditionFailed", modRevision: revision(0), ...decision },
  },
  { type: "proposed", result: { kind: "idempotencyMismatch", ...decision } },
  { type: "readIndex", index: logIndex(99) },
  {
    type: "report",
    report: {
      role: "Leader",
      term: term(4),
      commitIndex: logIndex(3),
      appliedIndex: logIndex(2),
      lastLogIndex: logIndex(5),
      snapshotIndex: null,
    },
  },
  {
    type: "report",
    report: {
      role: "Follower",
      term: term(4),
      commitIndex: logIndex(3),
      appliedIndex: logIndex(2),
      lastLogIndex: logIndex(5),
      snapshotIndex: logIndex(1),
    },
  },
  { type: "failed", code: "no_leader", facts: { detail: "wait", outcome: null, retryable: true } },
  {
    type: "failed",
    code: "too_large",
    facts: {
      detail: "é 🌲",
      outcome: "not_applied",
      retryable: false,
      currentRevision: revision(0),
      limit: 1,
      actual: 2,
      allow: "GET",
      retryAfterSeconds: 3,
    },
  },
];

const messages: readonly PeerMessage[] = [
  ...raftMessages.map((message, i) => ({
    kind: "raft" as const,
    hasRoom: i % 2 === 0,
    message,
  })),
  {
    kind: "request",
    id: 1,
    timeoutMs: 5_000,
    request: { type: "propose", command: bytesOf(1, 2, 3) },
  },
  { kind: "request", id: 2, timeoutMs: 1, request: { type: "readIndex" } },
  { kind: "request", id: 3, timeoutMs: 1, request: { type: "report" } },
  ...answers.map((answer, id) => ({ kind: "answer" as const, id, answer })),
];

/** Buffers and byte arrays with the same bytes are the same to us, not to `toEqual`. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, field) => {
      if (field instanceof Uint8Array) return { hex: Buffer.from(field).toString("hex") };
      // Bun and Node call `toJSON` of a Buffer before the replacer sees it.
      return field?.type === "Buffer" ? { hex: Buffer.from(field.data).toString("hex") } : field;
    }),
  );

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
