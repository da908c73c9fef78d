/** backup: everything, into a file that `balsa restore` founds a new cluster from. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Backup } from "../../client/index";
import { type Context, type Run, say } from "../context";
import { withExamples } from "../examples";
import { UsageError } from "../exit-codes";
import { sized } from "../wording";

/** Adds it to `program`. */
export function addBackup(program: CommandUnknownOpts, run: Run): void {
  const backup = program
    .command("backup")
    .description("write everything to a file, consistent at one revision")
    .argument("<file>", "where to; - for standard output")
    .option("--force", "even over a file that is there already")
    .action((file, { force }) =>
      run(async (context) => {
        if (file === "-") return stream(context);
        if (force !== true && (await Bun.file(file).exists())) {
          throw new UsageError(`${file} is there already: name another, or give --force`);
        }
        return save(context, file);
      }),
    );
  withExamples(backup, ["balsa backup balsa.backup", "balsa backup - | gzip > balsa.backup.gz"]);
}

async function stream({ client, signal, terminal }: Context): Promise<undefined> {
  const { stream } = await client.backup({ signal });
  for await (const piece of stream) await terminal.write(piece);
}

/** Under another name until it is whole and on disk: half a backup is never taken for one. */
async function save(context: Context, file: string): Promise<undefined> {
  const { client, signal } = context;
  const backup = await client.backup({ signal });
  const partial = `${file}.partial`;
  const handle = await open(partial, "w");
  let bytes: number;
  try {
    bytes = await copy(backup, handle);
    await handle.sync();
    await handle.close();
    await rename(partial, file);
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
  const { revision } = backup;
  const answer = { file, bytes, revision };
  return say(context, answer, () => `${file}: ${sized(bytes)} at revision ${revision}\n`);
}

async function copy({ stream }: Backup, handle: FileHandle): Promise<number> {
  let bytes = 0;
  for await (const piece of stream) {
    await handle.writeFile(piece);
    bytes += piece.byteLength;
  }
  return bytes;
}
