/** What the pieces are fed with: sets of 256 bytes on keys of their own. */
import { encodeCommand } from "../../src/codec/commands";
import { encodeEntry } from "../../src/codec/entries";
import { type Command, type LogEntry, logIndex, term } from "../../src/types";

const VALUE = "abcdefghijklmnopqrstuvwxyz0123456".repeat(8).slice(0, 256);
const TIME_MS = 1_700_000_000_000;

export const keyAt = (at: number) => `key-${String(at).padStart(14, "0")}`;

export const setCommand = (at: number): Command => ({
  op: "set",
  key: keyAt(at),
  value: { kind: "text", text: VALUE },
  condition: null,
  idempotencyKey: null,
});

/** Entries of term 1, each with a set of its own. */
export const entriesFrom = (first: number, count: number): readonly LogEntry[] =>
  Array.from({ length: count }, (_, at) =>
    encodeEntry(
      { kind: "command", command: encodeCommand(setCommand(first + at)) },
      { index: logIndex(first + at), term: term(1), timeMs: TIME_MS },
    ),
  );
