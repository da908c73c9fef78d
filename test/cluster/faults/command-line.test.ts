/** The command line as people run it: processes, pipes, signals, and nodes that die meanwhile. */
import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { projectRoot } from "../../architecture/source";
import { type Cluster, withCluster } from "../harness/cluster";
import { balsa, environmentOf, spawnBalsa } from "../harness/command";
import { eventually } from "../harness/deadline";
import { freePort } from "../harness/ports";

const STARTED_MS_MAX = 10_000;

const run = (cluster: Cluster, ...args: string[]) => balsa(cluster.nodes, args);

/** The first text that a process says. */
async function firstWords(child: ReturnType<typeof spawnBalsa>): Promise<string> {
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
}

test("what is set is got from the others when the leader is killed; bytes through pipes", () =>
  withCluster({}, async (cluster) => {
    const bytes = new Uint8Array(randomBytes(100_000));
    const set = await balsa(cluster.nodes, ["set", "img/logo", "-", "--as", "bytes"], bytes);
    expect(set).toMatchObject({ code: 0, err: "" });
    await (await cluster.leader()).kill();
    const got = await run(cluster, "get", "img/logo");
    expect(got.code).toBe(0);
    expect(Buffer.from(got.bytes).equals(bytes)).toBe(true);
    expect(await run(cluster, "set", "name", "still here")).toMatchObject({ code: 0 });
    expect(await run(cluster, "delete", "none")).toMatchObject({ code: 3, out: "" });
    const { nodes, quorum } = JSON.parse((await run(cluster, "status", "--json")).out);
    expect(quorum.voters).toBe(3);
    expect(nodes.length).toBe(3);
    const story = await run(cluster, "inspect", "raft", "--once", "--tail", "100");
    expect(story.out).toMatch(/leader\.serving in term \d+: won term \d+ with 2 of 3 votes/);
  }));

test("without a majority: 1 where nothing happened, 4 where it may have, and why", () =>
  withCluster({}, async (cluster) => {
    const [survivor, ...others] = cluster.nodes;
    if (survivor === undefined) throw new Error("three nodes were asked for");
    await run(cluster, "set", "name", "before");
    await cluster.caughtUp();
    for (const node of others) await node.kill();
    // The survivor leads no more, or never did, and says so.
    const refused = await eventually("a refusal", STARTED_MS_MAX, async () => {
      const end = await run(cluster, "set", "name", "x", "--timeout", "3s", "--json");
      return end.code === 1 ? end : null;
    });
    expect(JSON.parse(refused.err)).toMatchObject({ outcome: "not_applied", retryable: true });
    expect(await run(cluster, "get", "name", "--stale")).toMatchObject({ code: 0, out: "before" });
    const why = await run(cluster, "why");
    expect(why.code).toBe(0);
    expect(why.out).toContain("2 voters needed, 1 reachable");
    survivor.signal("SIGSTOP");
    const unknown = await run(cluster, "set", "name", "y", "--timeout", "1s");
    survivor.signal("SIGCONT");
    expect(unknown.code).toBe(4);
    expect(unknown.err).toContain("--idempotency-key");
  }));

test("a reader that has enough, and Ctrl-C, are no failures", () =>
  withCluster({ size: 1 }, async (cluster) => {
    const long = new Uint8Array(500_000).fill(0x78);
    for (const key of ["a", "b", "c"]) await balsa(cluster.nodes, ["set", key, "-"], long);
    const bun = process.execPath;
    const piped = Bun.spawn(
      ["bash", "-c", `${bun} src/balsa.ts list | head -c 1; echo; echo "\${PIPESTATUS[0]}"`],
      { cwd: projectRoot, env: environmentOf(cluster.nodes), stdout: "pipe", stderr: "pipe" },
    );
    expect(await new Response(piped.stdout).text()).toBe("K\n0\n");
    expect(await new Response(piped.stderr).text()).toBe("");
    for (const args of [["status", "--watch", "100ms"], ["inspect"]]) {
      const child = spawnBalsa(cluster.nodes, args);
      expect(await firstWords(child)).not.toBe("");
      child.kill("SIGINT");
      expect(await child.exited).toBe(0);
      expect(await new Response(child.stderr).text()).toBe("");
    }
    const reading = spawnBalsa(cluster.nodes, ["set", "name", "-"], new Uint8Array());
    expect(await reading.exited).toBe(0);
  }));

test("an answer that there is no room for is a failure, which is said", async () => {
  const full = Bun.spawn(
    ["bash", "-c", `${process.execPath} src/balsa.ts --version > /dev/full; echo $?`],
    { cwd: projectRoot, stdout: "pipe", stderr: "pipe" },
  );
  expect(await new Response(full.stdout).text()).toBe("1\n");
  expect(await new Response(full.stderr).text()).toMatch(/^balsa: cannot write .*no space left/);
});

test("a backup by the one command is what the other founds a cluster from", () =>
  withCluster({ size: 1 }, async (cluster) => {
    await run(cluster, "set", "name", "balsa");
    const file = join(cluster.folder, "balsa.backup");
    expect(await run(cluster, "backup", file)).toMatchObject({ code: 0 });
    expect(await run(cluster, "backup", file)).toMatchObject({ code: 2 });
    const [api, peer] = [freePort(), freePort()];
    const flags = ["--id", "1", "--cluster", `1=127.0.0.1:${peer}`, "--api", `127.0.0.1:${api}`];
    const data = ["--data", join(cluster.folder, "restored")];
    const restored = spawnBalsa([], ["restore", file, ...flags, ...data]);
    try {
      const got = await eventually("the restored node", STARTED_MS_MAX, async () => {
        const end = await run(cluster, "get", "name", "--endpoints", `127.0.0.1:${api}`);
        return end.code === 0 ? end : null;
      });
      expect(got.out).toBe("balsa");
    } finally {
      // Twice, as Ctrl-C reaches a process under a runner: the end is graceful all the same.
      restored.kill("SIGINT");
      restored.kill("SIGINT");
      expect(await restored.exited).toBe(0);
    }
  }));

test("the node's own flags, its errors and completion come through the one program", async () => {
  expect(await balsa([], ["serve", "--nope"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("there is no flag --nope"),
  });
  expect(await balsa([], ["recover"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("--data is missing"),
  });
  expect((await balsa([], ["serve", "--help"])).out).toContain("--heartbeat-interval");
  expect((await balsa([], ["complete", "--", "mem"])).out).toStartWith("members\t");
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out } = await balsa([], ["completion", shell]);
    expect({ shell, code }).toEqual({ shell, code: 0 });
    expect(out).toContain("balsa complete --");
  }
});
