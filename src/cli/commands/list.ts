/** list: keys in order, page by page, so that a store of any size can be listed. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { ListedKey, ListOptions } from "../../client/index";
import { readPositive } from "../arguments";
import type { Context, Run } from "../context";
import { escapeControls } from "../escape-controls";
import { withExamples } from "../examples";
import { type Column, renderTable } from "../table";
import { shownValue, toJson } from "../values";

/** Adds it to `program`. */
export function addList(program: CommandUnknownOpts, run: Run): void {
  const list = program
    .command("list")
    .description("list keys, in the order of their bytes")
    .argument("[prefix]", "only keys that begin so")
    .option("--keys-only", "keys alone, one a line")
    .option("--stale", "as one node has them at once")
    .option("--limit <count>", "at most so many; all where absent", readPositive)
    .action((prefix, { keysOnly, limit, stale }) =>
      run(async (context) => {
        const asked = {
          ...(prefix !== undefined && { prefix }),
          ...(keysOnly === true && { keysOnly }),
          ...(stale === true && { consistency: "stale" as const }),
          signal: context.signal,
        };
        const pages = pagesOf(context, asked, limit ?? Number.POSITIVE_INFINITY);
        return context.isJson ? tellJson(context, pages) : tellRows(context, pages, asked);
      }),
    );
  withExamples(list, [
    "balsa list",
    "balsa list img/ --keys-only",
    "balsa list --json | jq .items",
  ]);
}

/** The most that a node puts on a page. */
const PAGE_ITEMS_MAX = 1_000;

async function* pagesOf({ client }: Context, asked: ListOptions, limit: number) {
  let left = limit;
  let cursor: string | null = null;
  do {
    const at: { readonly cursor?: string } = cursor === null ? {} : { cursor };
    const page = await client.page({ ...asked, ...at, limit: Math.min(left, PAGE_ITEMS_MAX) });
    yield page.items;
    left -= page.items.length;
    cursor = left > 0 ? page.next_cursor : null;
  } while (cursor !== null);
}

type Pages = AsyncIterable<readonly ListedKey[]>;

/** One document, whose items are written as they come. */
async function tellJson({ terminal }: Context, pages: Pages): Promise<undefined> {
  let before = '{"items":[';
  for await (const items of pages) {
    for (const item of items) {
      await terminal.write(before + toJson(item));
      before = ",\n";
    }
  }
  await terminal.write(before.startsWith("{") ? `${before}]}\n` : "]}\n");
}

const COLUMNS: readonly Column<ListedKey>[] = [
  { heading: "KEY", cell: ({ key }) => key },
  { heading: "REVISION", cell: ({ mod_revision }) => `${mod_revision}`, isNumber: true },
  { heading: "VERSION", cell: ({ version }) => `${version}`, isNumber: true },
  { heading: "VALUE", cell: ({ value }) => (value === undefined ? "" : shownValue(value)) },
];

/** Each page is a table of its own: the widths of what is still to come are not known. */
async function tellRows(
  context: Context,
  pages: Pages,
  { keysOnly }: ListOptions,
): Promise<undefined> {
  const { terminal } = context;
  for await (const items of pages) {
    if (items.length === 0) continue;
    const text = keysOnly
      ? items.map(({ key }) => `${escapeControls(key)}\n`).join("")
      : renderTable(items, COLUMNS, context);
    await terminal.write(text);
  }
}
