/**
 * `npm run node -- 1`: runs one line of the Procfile, to bring a killed node back.
 *
 * The node inherits the terminal and its signals; its exit code is ours.
 */
import { pathWithBun, projectRoot, readProcfile } from "./procfile";

const wanted = process.argv[2] ?? "";
const entries = readProcfile();
const entry = entries.find(({ name }) => name === wanted || name === `n${wanted}`);
if (!entry) {
  console.error(`usage: npm run node -- ${entries.map(({ name }) => name).join(" | ")}`);
  process.exit(2);
}

const child = Bun.spawn(["/bin/sh", "-c", entry.command], {
  cwd: projectRoot,
  env: { ...process.env, PATH: pathWithBun() },
  stdio: ["inherit", "inherit", "inherit"],
});
// Ctrl-C reaches the node by itself; a signal sent to this process alone is passed on.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await child.exited;
