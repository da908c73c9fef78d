/** The committed log, as this node has it. */
import { Elysia } from "elysia";
import type { NodeHandle } from "../../actors/node-handle";
import { decodeCommandIn } from "../../codec/entries";
import { type Command, type LogEntry, logIndex } from "../../types";
import { LOG_BYTES_MAX, LOG_ITEMS_DEFAULT } from "../limits";
import { readTimeoutMs } from "../queries";
import type { Replies } from "../replies";
import { LogAnswer, LogQuery, Problem } from "../schemas";
import { valueMembers } from "../values";
import { anyFailures } from "./failures";

interface LogRouteParts {
  readonly node: NodeHandle;
  readonly replies: Replies;
}

export const logRoutes = ({ node, replies }: LogRouteParts) =>
  new Elysia({ normalize: false }).get(
    "/v1/log",
    ({ query }) => {
      // It answers at once, within any bound.
      readTimeoutMs(query.timeout);
      const from = query.from === undefined ? null : logIndex(query.from);
      const page = node.log(from, query.limit ?? LOG_ITEMS_DEFAULT);
      const entries = withinBytes(page.entries);
      const next = (entries.at(-1)?.index ?? page.from - 1) + 1;
      const items = entries.map(entryJson).join(",");
      return replies.json(
        `{"items":[${items}],"next_from":${next},"commit_index":${page.commitIndex}}`,
      );
    },
    {
      query: LogQuery,
      response: { 200: LogAnswer, 410: Problem, ...anyFailures },
      detail: { summary: "This node's committed entries", tags: ["Cluster"] },
    },
  );

/** The first entries that fit a page, at least one; the rest is asked for with `next_from`. */
function withinBytes(entries: readonly LogEntry[]): readonly LogEntry[] {
  let bytes = 0;
  const end = entries.findIndex(({ record }, at) => {
    bytes += record.byteLength;
    return at > 0 && bytes > LOG_BYTES_MAX;
  });
  return end < 0 ? entries : entries.slice(0, end);
}

function entryJson(entry: LogEntry): string {
  const place = `"index":${entry.index},"term":${entry.term}`;
  switch (entry.kind) {
    case "noop":
      return `{${place},"command":"NOOP","key":null,"value":null}`;
    case "configuration":
      return `{${place},"command":"CONFIG","key":null,"value":null}`;
    case "command":
      return `{${place},${commandMembers(decodeCommandIn(entry))}}`;
  }
}

function commandMembers(command: Command): string {
  const key = JSON.stringify(command.key);
  const name = JSON.stringify(`${command.op.toUpperCase()} ${command.key}`);
  const value = command.op === "set" ? valueMembers(command.value) : '"value":null';
  return `"command":${name},"key":${key},${value}`;
}
