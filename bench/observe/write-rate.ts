/** How many writes a second a cluster commits, in a closed loop. */
import type { NodeActor } from "../../src/actors/node.actor";
import { RequestError } from "../../src/errors";
import type { Command } from "../../src/types";

/** Writes under way at a time. */
const WRITERS = 256;
const VALUE = "v".repeat(256);
const TIMEOUT_MS = 10_000;

export interface WriteRate {
  /** By the clock on the wall, which others on this machine have a part in. */
  readonly perSecond: number;
  /** By the time that this process had a processor: steadier where others are at work. */
  readonly perCpuSecond: number;
}

/** Writes to the leader of `nodes` for `ms`. Errors: nobody leads. */
export async function measureWrites(nodes: readonly NodeActor[], ms: number): Promise<WriteRate> {
  const leader = nodes.find(({ raft }) => raft.isServing);
  if (leader === undefined) throw new Error("nobody leads: the machine is too busy to measure");
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + ms;
  let written = 0;
  let next = 0;
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      while (performance.now() < endMs) {
        await write(leader, `key-${next++ % 10_000}`);
        written += 1;
      }
    }),
  );
  const { system, user } = process.cpuUsage(cpu);
  return {
    perSecond: (1_000 * written) / (performance.now() - startMs),
    perCpuSecond: (1_000_000 * written) / (system + user),
  };
}

function write(leader: NodeActor, key: string): Promise<void> {
  const command: Command = {
    op: "set",
    key,
    value: { kind: "text", text: VALUE },
    condition: null,
    idempotencyKey: null,
  };
  return new Promise((resolve, reject) =>
    leader.handle.submit(command, TIMEOUT_MS, (end) =>
      end instanceof RequestError ? reject(end) : resolve(),
    ),
  );
}
