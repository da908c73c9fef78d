/** get, set, delete: one key. */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { KeyValue, StoredValue } from "../../client/index";
import { readRevision } from "../arguments";
import { type Context, type Run, say } from "../context";
import { withExamples } from "../examples";
import { EXIT, type ExitCode } from "../exit-codes";
import { rawValue, readValue, toJson, VALUE_KINDS, type ValueKind } from "../values";

/** Adds them to `program`. */
export function addKeyCommands(program: CommandUnknownOpts, run: Run): void {
  addGet(program, run);
  addSet(program, run);
  addDelete(program, run);
}

function addGet(program: CommandUnknownOpts, run: Run): void {
  const get = program
    .command("get")
    .description("print a key's value, exactly as it was stored")
    .argument("<key>")
    .option("--stale", "whatever one node has at once, and how old that may be (on stderr)")
    .action((key, { stale }) =>
      run(async (context) => {
        const { client, signal, terminal } = context;
        if (stale !== true) return tellFound(context, key, await client.get(key, { signal }));
        const { item, staleness_ms } = await client.getStale(key, { signal });
        terminal.tell(
          staleness_ms === "unknown" ? "of unknown age" : `at most ${staleness_ms} ms old`,
        );
        return tellFound(context, key, item);
      }),
    );
  withExamples(get, ["balsa get name", "balsa get img/logo > logo.png", "balsa get name --json"]);
}

async function tellFound(context: Context, key: string, found: KeyValue | null) {
  const { isJson, terminal } = context;
  if (found === null) return tellAbsent(context, key);
  await terminal.write(isJson ? `${toJson(found)}\n` : rawValue(found.value));
  // A prompt belongs on a line of its own; a file gets the value and nothing else.
  const endsLine = !isJson && terminal.isInteractive && !(found.value instanceof Uint8Array);
  if (endsLine) await terminal.write("\n");
  return EXIT.ok;
}

function tellAbsent({ isJson, terminal }: Context, key: string): ExitCode {
  const detail = `there is no key ${JSON.stringify(key)}`;
  const code = "key_not_found";
  terminal.tell(isJson ? JSON.stringify({ code, detail }) : `balsa: ${detail}`);
  return EXIT.notFound;
}

const ifRevision = () =>
  new Option(
    "--if-revision <revision>",
    "only if it still has this revision; 0: only if absent",
  ).argParser(readRevision);
const idempotencyKey = () =>
  new Option("--idempotency-key <key>", "that of an earlier try: the same write, at most once");

/** What a write is told besides its key. */
const conditions = (options: { ifRevision?: number; idempotencyKey?: string }) => ({
  ...(options.ifRevision !== undefined && { ifRevision: options.ifRevision }),
  ...(options.idempotencyKey !== undefined && { idempotencyKey: options.idempotencyKey }),
});

function addSet(program: CommandUnknownOpts, run: Run): void {
  const set = program
    .command("set")
    .description("set a key")
    .argument("<key>")
    .argument("<value>", "the value, or - to read it from standard input")
    .addOption(new Option("--as <kind>", "what the value is").choices(VALUE_KINDS).default("text"))
    .addOption(ifRevision())
    .addOption(idempotencyKey())
    .action((key, value, { as, ...options }) =>
      run(async (context) => {
        const { client, signal, terminal } = context;
        const stored = await valueGiven(value, as, terminal.readInput);
        const answer = await client.set(key, stored, { ...conditions(options), signal });
        return say(context, answer, () => `set at revision ${answer.revision}\n`);
      }),
    );
  withExamples(set, [
    "balsa set name balsa",
    "balsa set limits '{\"users\":20}' --as json",
    "balsa set img/logo - --as bytes < logo.png",
    "balsa set lock mine --if-revision 0",
  ]);
}

async function valueGiven(
  value: string,
  kind: string,
  readInput: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<StoredValue> {
  const bytes = value === "-" ? await readInput() : new TextEncoder().encode(value);
  return readValue(bytes, kind as ValueKind);
}

function addDelete(program: CommandUnknownOpts, run: Run): void {
  const command = program
    .command("delete")
    .description("delete a key")
    .argument("<key>")
    .addOption(ifRevision())
    .addOption(idempotencyKey())
    .action((key, options) =>
      run(async (context) => {
        const { client, isJson, signal } = context;
        const answer = await client.delete(key, { ...conditions(options), signal });
        const { deleted, revision } = answer;
        if (!deleted && !isJson) return tellAbsent(context, key);
        await say(context, answer, () => `deleted at revision ${revision}\n`);
        return deleted ? EXIT.ok : EXIT.notFound;
      }),
    );
  withExamples(command, ["balsa delete name", "balsa delete name --if-revision 7"]);
}
