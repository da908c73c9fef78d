/** Runs a load generator to its end. */

/** What a program that ended well has written, and the CPU seconds it took. */
export interface Ended {
  readonly output: string;
  readonly cpuSeconds: number;
}

/** Errors: it exits other than with 0; the message has what it said. */
export async function runToEnd(command: readonly string[]): Promise<Ended> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, complaint, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (exitCode !== 0) {
    throw new Error(`${command[0]} exited ${exitCode}: ${complaint || output}`);
  }
  const microseconds = child.resourceUsage()?.cpuTime.total ?? 0n;
  return { output, cpuSeconds: Number(microseconds) / 1e6 };
}
