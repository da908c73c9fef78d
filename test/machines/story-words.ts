/** How a story tells of messages and entries. */
import type { RaftMessage } from "../../src/messages";
import type { LogEntry } from "../../src/types";

export type Names = (id: number) => string;

/** Entries as `index/term`: "4/2", or "4/2 5/2 6/3". */
export const termsOf = (entries: readonly LogEntry[]): string =>
  entries.map(({ index, term }) => `${index}/${term}`).join(" ");

/** One message in a line. */
export function describeMessage(message: RaftMessage): string {
  switch (message.type) {
    case "PreVote":
    case "RequestVote":
      return (
        `${message.type} term ${message.term}, ` +
        `log ends at ${message.lastLogIndex}/${message.lastLogTerm}`
      );
    case "PreVoteReply":
    case "RequestVoteReply":
      return `${message.type} term ${message.term}, ${message.granted ? "granted" : "denied"}`;
    case "TimeoutNow":
      return `TimeoutNow term ${message.term}`;
    case "AppendEntries": {
      const what = message.entries.length === 0 ? "nothing" : termsOf(message.entries);
      return (
        `AppendEntries term ${message.term}, ${what} behind ` +
        `${message.prevLogIndex}/${message.prevLogTerm}, committed ${message.leaderCommit}`
      );
    }
    case "InstallSnapshot":
    case "InstallSnapshotReply":
      return `${message.type} term ${message.term}, up to ${message.snapshot.lastIndex}`;
    case "AppendEntriesReply":
      return `AppendEntriesReply term ${message.term}, ${describeReply(message)}`;
  }
}

function describeReply(reply: Extract<RaftMessage, { type: "AppendEntriesReply" }>): string {
  if (reply.accepted) return `matches up to ${reply.matchIndex}`;
  const { prevLogIndex, conflictIndex, conflictTerm } = reply;
  return conflictTerm === null
    ? `no entry at ${prevLogIndex}: the log ends before ${conflictIndex}`
    : `term ${conflictTerm} at ${prevLogIndex}, from ${conflictIndex} on`;
}
