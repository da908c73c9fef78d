/** The Procfile, read the way foreman, overmind and nf read it: `name: command`, one a line. */
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** One line of the Procfile. */
export interface ProcfileEntry {
  readonly name: string;
  readonly command: string;
}

/** The repository, which every command of the Procfile runs in. */
export const projectRoot = join(import.meta.dir, "..");

/** Parses a Procfile. Blank lines and `#` comments are skipped. Errors: a line without a name. */
export function parseProcfile(text: string): readonly ProcfileEntry[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const match = /^([\w-]+):\s*(.+)$/.exec(line);
      if (!match?.[1] || !match[2]) throw new Error(`Procfile: no "name: command" in "${line}"`);
      return { name: match[1], command: match[2] };
    });
}

/** Reads the Procfile at `path`, by default the project's own. */
export const readProcfile = (path = join(projectRoot, "Procfile")) =>
  parseProcfile(readFileSync(path, "utf8"));

/** PATH with the project's own `bun` first, so that nobody needs one installed globally. */
export const pathWithBun = () =>
  [join(projectRoot, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter);
