/** log: the committed log, entry by entry. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { LogItem, LogPage } from "../../client/index";
import { readPositive } from "../arguments";
import { type Context, type Run, say } from "../context";
import { withExamples } from "../examples";
import { type Column, renderTable } from "../table";
import { shownValue } from "../values";

/** Entries that are shown where nobody says how many. */
const ENTRIES_DEFAULT = 20;

/** Adds it to `program`. */
export function addLog(program: CommandUnknownOpts, run: Run): void {
  const log = program
    .command("log")
    .description("show committed entries, as one node has them: the last ones, or from an index on")
    .option("--from <index>", "the first entry wanted", readPositive)
    .option(
      "--limit <count>",
      `at most so many, up to 1000; ${ENTRIES_DEFAULT} where absent`,
      readPositive,
    )
    .action(({ from, limit }) =>
      run(async (context) => {
        const page = await pageOf(context, from ?? null, limit ?? ENTRIES_DEFAULT);
        return say(context, page, () => renderTable(page.items, COLUMNS, context));
      }),
    );
  withExamples(log, [
    "balsa log",
    "balsa log --from 1 --limit 100",
    "balsa log --json | jq .items",
  ]);
}

/** The last entries are found by asking for the first there is: that tells both ends. */
async function pageOf(
  { client, signal }: Context,
  from: number | null,
  limit: number,
): Promise<LogPage> {
  if (from !== null) return client.log({ from, limit, signal });
  const { commit_index, items } = await client.log({ limit: 1, signal });
  const first = items[0]?.index ?? commit_index + 1;
  return client.log({ from: Math.max(first, commit_index - limit + 1), limit, signal });
}

const COLUMNS: readonly Column<LogItem>[] = [
  { heading: "INDEX", cell: ({ index }) => `${index}`, isNumber: true },
  { heading: "TERM", cell: ({ term }) => `${term}`, isNumber: true },
  { heading: "COMMAND", cell: ({ command }) => command },
  {
    heading: "VALUE",
    cell: ({ command, value }) => (command.startsWith("SET ") ? shownValue(value) : ""),
  },
];
