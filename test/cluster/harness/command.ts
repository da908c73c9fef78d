/** `balsa` as a process: what it says, and how it ends. */
import { projectRoot } from "../../architecture/source";
import type { NodeProcess } from "./node-process";

export interface CommandEnd {
  readonly code: number;
  readonly out: string;
  readonly bytes: Uint8Array;
  readonly err: string;
}

/** The environment of someone who asks these nodes. */
export const environmentOf = (nodes: readonly NodeProcess[]) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^BALSA_/.test(name))),
  BALSA_ENDPOINTS: nodes.map(({ apiPort }) => `127.0.0.1:${apiPort}`).join(","),
});

/** Starts it and does not wait. */
export const spawnBalsa = (
  nodes: readonly NodeProcess[],
  args: readonly string[],
  stdin: Uint8Array | "ignore" = "ignore",
) =>
  Bun.spawn([process.execPath, "src/balsa.ts", ...args], {
    cwd: projectRoot,
    env: environmentOf(nodes),
    stdin,
    stdout: "pipe",
    stderr: "pipe",
  });

/** Runs it to its end. */
export async function balsa(
  nodes: readonly NodeProcess[],
  args: readonly string[],
  stdin?: Uint8Array,
): Promise<CommandEnd> {
  const child = spawnBalsa(nodes, args, stdin);
  const [bytes, err, code] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, bytes, out: new TextDecoder().decode(bytes), err };
}
