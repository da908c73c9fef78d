/** Another revision of this repository, checked out beside it for a while. */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const projectRoot = join(import.meta.dir, "../..");
/** The benchmarks themselves, which are the same on both sides. */
const MICRO_FOLDER = "bench/micro";

function git(...words: readonly string[]): string {
  const { exitCode, stderr, stdout } = Bun.spawnSync(["git", ...words], { cwd: projectRoot });
  if (exitCode !== 0) throw new Error(`git ${words.join(" ")}: ${stderr.toString().trim()}`);
  return stdout.toString().trim();
}

/**
 * Runs `work` with the folder of `revision`, into which the present benchmarks and packages are
 * put, whether it has any of its own or not. Errors: there is no such revision.
 */
export async function withRevision<Result>(
  revision: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const commit = git("rev-parse", "--verify", `${revision}^{commit}`);
  const parent = mkdtempSync(join(tmpdir(), "balsa-micro-"));
  const folder = join(parent, "revision");
  git("worktree", "add", "--detach", folder, commit);
  try {
    rmSync(join(folder, MICRO_FOLDER), { recursive: true, force: true });
    cpSync(join(projectRoot, MICRO_FOLDER), join(folder, MICRO_FOLDER), { recursive: true });
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    return await work(folder);
  } finally {
    git("worktree", "remove", "--force", folder);
    rmSync(parent, { recursive: true, force: true });
  }
}
