/** A start that cannot be: exit code 2 and one line that says why. */
import { expect } from "bun:test";
import { type NodeOptions, NodeProcess } from "./node-process";

const EXIT_MS_MAX = 5_000;
const COULD_NOT_START = 2;
/** Such a line tells what is going on, not what went wrong. */
const INFORMATION = /^\S+ info /;

let refusals = 0;

/** Runs a node that must not come up; answers its one line of complaint. */
export async function refusal(options: NodeOptions): Promise<string> {
  const logFile = `${options.logFile}.refused-${++refusals}`;
  const node = new NodeProcess({ ...options, logFile });
  node.start();
  try {
    expect(await node.exitCode(EXIT_MS_MAX)).toBe(COULD_NOT_START);
    const complaints = node
      .log()
      .trimEnd()
      .split("\n")
      .filter((line) => !INFORMATION.test(line));
    expect(complaints).toHaveLength(1);
    return complaints[0] ?? "";
  } finally {
    await node.kill();
  }
}
