/** The runner behind `npm start`, with small shell loops in the place of nodes. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../scripts/procfile";
import { eventually } from "../cluster/harness/deadline";

const DEADLINE_MS = 10_000;
/** Says its pid; each signal makes it say so, and the first one ends it, a little later. */
const NODE =
  'exec sh -c \'trap "echo stopping; last=1" INT TERM; echo pid=$$; ' +
  'while [ -z "$last" ]; do sleep 0.02; done; sleep 0.1; exit 0\'';

let cleanUp: (() => Promise<void>) | null = null;
afterEach(async () => {
  await cleanUp?.();
  cleanUp = null;
});

/** Starts the runner on a Procfile of such nodes. */
function startRunner(names: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "balsa-runner-"));
  const procfile = join(folder, "Procfile");
  writeFileSync(procfile, names.map((name) => `${name}: ${NODE}\n`).join(""));
  const runner = Bun.spawn([process.execPath, "scripts/cluster.ts", procfile], {
    cwd: projectRoot,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  const reading = (async () => {
    for await (const chunk of runner.stdout.pipeThrough(new TextDecoderStream())) output += chunk;
  })();
  const says = (pattern: RegExp) =>
    eventually(`${pattern} in the output`, DEADLINE_MS, () => pattern.exec(output));
  cleanUp = async () => {
    runner.kill("SIGTERM");
    await runner.exited;
    rmSync(folder, { recursive: true });
  };
  return { runner, says, ended: () => reading.then(() => output) };
}

const pidIn = (match: RegExpExecArray) => Number(match[1]);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`${signal} stops every node gracefully, and the exit code is 0`, async () => {
    const { runner, says, ended } = startRunner(["n1", "n2"]);
    await Promise.all([says(/\[n1\] pid=(\d+)/), says(/\[n2\] pid=(\d+)/)]);
    runner.kill(signal);
    expect(await runner.exited).toBe(0);
    const output = await ended();
    expect(output).toContain("[n1] stopping");
    expect(output).toContain("[n2] stopping");
  });
}

test("a killed node does not stop the others, and its way back is told", async () => {
  const { runner, says, ended } = startRunner(["n1", "n2"]);
  // The runner's own word on which process is which node, for whoever wants to kill one.
  const runsAs = (name: string) => says(new RegExp(`\\[${name}\\] runs as process (\\d+)`));
  const [first, second] = await Promise.all([runsAs("n1"), runsAs("n2")]);
  await says(new RegExp(`\\[n1\\] pid=${pidIn(first)}\n`));
  process.kill(pidIn(first), "SIGKILL");
  await says(/\[n1\] was killed by SIGKILL; the others go on\. .* npm run node -- n1/);
  process.kill(pidIn(second), 0);
  runner.kill("SIGTERM");
  expect(await runner.exited).toBe(0);
  expect(await ended()).toContain("[n2] stopping");
});

test("a second signal is not passed on: the first one's stop is under way", async () => {
  const { runner, says, ended } = startRunner(["n1"]);
  await says(/\[n1\] pid=(\d+)/);
  runner.kill("SIGINT");
  await says(/stopping/);
  runner.kill("SIGINT");
  expect(await runner.exited).toBe(0);
  expect((await ended()).match(/stopping/g)).toHaveLength(1);
});

test("when every node has died by itself, the exit code says so", async () => {
  const { runner, says } = startRunner(["n1"]);
  process.kill(pidIn(await says(/\[n1\] pid=(\d+)/)), "SIGKILL");
  await says(/\[n1\] was killed by SIGKILL; all are gone/);
  expect(await runner.exited).toBe(1);
});
