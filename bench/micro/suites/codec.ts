/** Commands, entries and messages into bytes and back. */
import { decodeCommand, encodeCommand } from "../../../src/codec/commands";
import { decodeEntries, encodeEntry } from "../../../src/codec/entries";
import { decodePeerMessage, encodePeerMessage } from "../../../src/codec/messages";
import { logIndex, term } from "../../../src/types";
import { keep, type MicroBenchmark } from "../micro-benchmark";
import { entriesFrom, setCommand } from "../sample-data";

const TIMES = 200;
const BATCH = 64;

const repeated = (name: string, work: (at: number) => unknown, each = 1): MicroBenchmark => ({
  name,
  operations: TIMES * each,
  prepare: () => () => {
    for (let at = 0; at < TIMES; at++) keep(work(at));
  },
});

const command = encodeCommand(setCommand(1));
const place = { index: logIndex(1), term: term(1), timeMs: 1_700_000_000_000 };
const entries = entriesFrom(1, BATCH);
const records = Buffer.concat(entries.map(({ record }) => record));
const appendEntries = {
  kind: "raft",
  hasRoom: true,
  message: {
    type: "AppendEntries",
    term: term(1),
    prevLogIndex: logIndex(0),
    prevLogTerm: term(0),
    leaderCommit: logIndex(0),
    round: 7,
    entries,
    confirmedAgeMs: 3,
  },
} as const;
const message = encodePeerMessage(appendEntries);

export default [
  repeated("codec: encode a command", (at) => encodeCommand(setCommand(at))),
  repeated("codec: decode a command", () => decodeCommand(command)),
  repeated("codec: encode an entry", () => encodeEntry({ kind: "command", command }, place)),
  repeated("codec: decode an entry of 64", () => decodeEntries(records), BATCH),
  repeated("codec: encode AppendEntries of 64", () => encodePeerMessage(appendEntries)),
  repeated("codec: decode AppendEntries of 64", () => decodePeerMessage(message)),
];
