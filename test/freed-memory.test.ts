/** A process that keeps what it frees, begun anew for that. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directory = mkdtempSync(join(tmpdir(), "balsa-freed-memory-"));
const script = join(directory, "script.ts");
writeFileSync(
  script,
  `import { keepFreedMemory } from ${JSON.stringify(join(import.meta.dir, "../src/freed-memory"))};
process.stdout.write("begun\\n");
if (process.env.PROGRAM) process.execPath = process.env.PROGRAM;
keepFreedMemory();
const { argv, env, pid } = process;
const { MIMALLOC_PURGE_DELAY: delay, MIMALLOC_PURGE_HOLES: holes, OWN: own } = env;
console.log(JSON.stringify({ pid, args: argv.slice(2), delay, holes, own }));
process.exitCode = Number((await Bun.stdin.text()).trim());
`,
);
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs the script, gives it a line to read, and returns what it said. */
async function runScript(env: Record<string, string>) {
  const { MIMALLOC_PURGE_DELAY: _, MIMALLOC_PURGE_HOLES: __, ...inherited } = process.env;
  const child = Bun.spawn([process.execPath, script, "--id", "a b"], {
    env: { ...inherited, OWN: "kept", ...env },
    stdin: new TextEncoder().encode("7\n"),
    stdout: "pipe",
  });
  const said = (await new Response(child.stdout).text()).trim().split("\n");
  const exitCode = await child.exited;
  return { begun: said.length - 1, last: JSON.parse(said.at(-1) ?? ""), exitCode, pid: child.pid };
}

test.skipIf(process.platform === "win32")(
  "a node begins anew once, as the same process, and keeps what it frees",
  async () => {
    const { begun, exitCode, last, pid } = await runScript({});
    expect(begun).toBe(2);
    expect(last).toEqual({ pid, args: ["--id", "a b"], delay: "-1", holes: "0", own: "kept" });
    expect(exitCode).toBe(7);
  },
);

test("whoever has chosen a delay keeps it, and nothing begins anew", async () => {
  const { begun, last } = await runScript({ MIMALLOC_PURGE_DELAY: "10" });
  expect(begun).toBe(1);
  expect(last).toMatchObject({ delay: "10" });
  expect(last.holes).toBeUndefined();
});

test.skipIf(process.platform === "win32")("whoever wants the holes purged has them", async () => {
  const { last } = await runScript({ MIMALLOC_PURGE_HOLES: "1" });
  expect(last).toMatchObject({ delay: "-1", holes: "1" });
});

test("where nothing can begin anew, it goes on as it is", async () => {
  const { begun, exitCode, last } = await runScript({ PROGRAM: join(directory, "missing") });
  expect(begun).toBe(1);
  expect(last.delay).toBeUndefined();
  expect(exitCode).toBe(7);
});
