/** Two of three are lost for good: the third goes on alone, and the lost ones are kept out. */
import { expect, test } from "bun:test";
import { projectRoot } from "../../architecture/source";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import type { NodeProcess } from "../harness/node-process";

const EXIT_MS_MAX = 10_000;

/** Runs `recover` on a data directory. */
function recover(dataDirectory: string, ...flags: string[]) {
  const command = ["src/main.ts", "recover", "--data", dataDirectory, ...flags];
  const { exitCode, stderr, stdout } = Bun.spawnSync([process.execPath, ...command], {
    cwd: projectRoot,
  });
  return { exitCode, told: stdout.toString(), complaint: stderr.toString() };
}

/** The nodes that the status of `node` lists. */
const listed = async (cluster: Cluster, node: NodeProcess) =>
  (await cluster.status(node)).nodes.map(({ id }) => id);

test("one survivor of three is recovered, keeps everything, and refuses the lost ones", () =>
  withCluster({}, async (cluster) => {
    const leader = await cluster.leader();
    const [survivor, ...rest] = cluster.others(leader);
    if (!survivor) throw new Error("a cluster of one");
    const lost = [leader, ...rest];
    const { dataDirectory } = survivor.options;
    await cluster.ask(survivor, (client) => client.set("before", "kept"));
    await cluster.caughtUp();

    const running = recover(dataDirectory, "--yes");
    expect(running).toMatchObject({
      exitCode: 2,
      complaint: expect.stringContaining("data_locked"),
    });
    await Promise.all(lost.map((node) => node.kill()));
    await survivor.stop();

    const asked = recover(dataDirectory);
    expect(asked.exitCode).toBe(2);
    expect(asked.told).toContain(`makes node ${survivor.id} at 127.0.0.1:`);
    expect(asked.told).toContain("nothing was changed; with --yes it is done");
    survivor.start();
    await eventually("the survivor to answer", EXIT_MS_MAX, () => cluster.status(survivor));
    expect(await listed(cluster, survivor)).toEqual([1, 2, 3]);
    await survivor.stop();

    expect(recover(dataDirectory, "--yes").exitCode).toBe(0);
    survivor.start();
    await cluster.writable([survivor]);
    expect(await listed(cluster, survivor)).toEqual([survivor.id]);
    const read = await cluster.ask(survivor, (client) => client.get("before"));
    expect(read).toMatchObject({ ok: true, body: { value: "kept" } });

    for (const node of lost) {
      node.start();
      expect(await node.exitCode(EXIT_MS_MAX)).toBe(0);
      expect(node.log()).toContain(`balsa: node ${node.id} was removed from the cluster`);
    }
    await cluster.writable([survivor]);
  }));

test("a directory that holds no node is refused, and not made", () => {
  const { complaint, exitCode } = recover("/nowhere/at/all", "--yes");
  expect(exitCode).toBe(2);
  expect(complaint).toContain("balsa: data_unreadable: /nowhere/at/all holds no node");
});
