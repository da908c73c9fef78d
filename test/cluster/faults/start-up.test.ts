/** What keeps a node from starting is said in one line, with exit code 2. */
import { expect, test } from "bun:test";
import { Cluster, withCluster } from "../harness/cluster";
import type { NodeOptions } from "../harness/node-process";
import { freePort } from "../harness/ports";
import { refusal } from "../harness/refused-start";

/** Options of a node that belongs to no running cluster. */
async function withNode(story: (options: NodeOptions) => Promise<void>): Promise<void> {
  const cluster = new Cluster({ size: 1 });
  try {
    await story(cluster.node(1).options);
  } finally {
    await cluster.dispose();
  }
}

const badFlags: readonly (readonly [what: string, flags: readonly string[], named: string])[] = [
  ["an unknown flag", ["--colour", "red"], "--colour"],
  ["a duration without a unit", ["--election-timeout", "500"], "--election-timeout"],
  ["heartbeats too rare", ["--heartbeat-interval", "400ms"], "--heartbeat-interval"],
  ["an address without a port", ["--peer", "localhost"], "--peer"],
  ["an unknown log level", ["--log-level", "loud"], "--log-level"],
];
for (const [what, flags, named] of badFlags) {
  test(`${what}: the line names ${named}`, () =>
    withNode(async (options) => {
      expect(await refusal({ ...options, flags })).toContain(named);
    }));
}

test("an id that is not in --cluster", () =>
  withNode(async (options) => {
    expect(await refusal({ ...options, id: 9 })).toContain("9");
  }));

test("a data directory that cannot be written", () =>
  withNode(async (options) => {
    const dataDirectory = "/proc/balsa";
    expect(await refusal({ ...options, dataDirectory })).toContain(dataDirectory);
  }));

test("what a running cluster's neighbours must not do", () =>
  withCluster({}, async (cluster) => {
    const { options } = cluster.node(1);
    const apiPort = freePort();

    const locked = await refusal({
      ...options,
      apiPort,
      flags: ["--peer", `127.0.0.1:${freePort()}`],
    });
    expect(locked).toContain(options.dataDirectory);

    const elsewhere = `${cluster.folder}/elsewhere`;
    const portInUse = await refusal({ ...options, dataDirectory: elsewhere });
    expect(portInUse).toMatch(new RegExp(`${options.apiPort}|${options.peerPort}`));

    await cluster.node(2).stop();
    await cluster.node(3).stop();
    const { dataDirectory } = cluster.node(2).options;
    expect(await refusal({ ...cluster.node(3).options, dataDirectory })).toContain("2");
    const flags = ["--cluster-token", "another"];
    expect(await refusal({ ...cluster.node(2).options, flags })).toContain("cluster");
    const founders = (options.founders ?? "").replace("3=", "4=");
    expect(await refusal({ ...cluster.node(2).options, founders })).toContain("--cluster");

    cluster.start();
    await cluster.writable();
  }));
