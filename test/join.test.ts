import { afterEach, describe, expect, test } from "bun:test";
import type { MembersAnswer } from "../src/api/schemas";
import { StartupError } from "../src/errors";
import { askForEntrance, askMembers } from "../src/join";
import { clusterId, foundedBy, nodeId } from "../src/types";

type View = typeof MembersAnswer.static;

const voter = {
  id: 1,
  peer_address: "h:9081",
  address: "h:8081",
  state: "voter",
  voter: true,
  stays_learner: false,
  healthy: true,
  last_log_index: 7,
} as const;
const before: View = {
  cluster_id: "c0ffee",
  leader_id: 1,
  index: 3,
  committed: true,
  members: [voter],
  removed: [3],
  founders: [{ id: 1, peer_address: "h:9081" }],
};
const joining = {
  ...voter,
  id: 4,
  peer_address: "h:9084",
  state: "joining",
  voter: false,
} as const;
const added: View = { ...before, members: [voter, joining] };

/** Lets node `id` ask members who answer so, round by round: a view, or a reason for none. */
async function join(id: number, rounds: readonly Readonly<Record<string, View | string>>[]) {
  const lines: string[] = [];
  let round = 0;
  const entrance = await askForEntrance({
    nodeId: nodeId(id),
    addresses: Object.keys(rounds[0] ?? {}),
    logger: (level, message) => lines.push(`${level} ${message}`),
    ask: async (address) => {
      const answer = rounds[round]?.[address] ?? "no such member";
      if (typeof answer === "string") throw new Error(answer);
      return answer;
    },
    pause: async (delayMs) => {
      expect(delayMs).toBe(1000);
      round++;
    },
  });
  return { entrance, lines, rounds: round + 1 };
}

const refusalOf = (id: number, view: View) =>
  join(id, [{ "h:8081": view }]).then(
    () => expect.unreachable(),
    (error) => {
      expect(error).toBeInstanceOf(StartupError);
      return { code: error.code, message: error.message };
    },
  );

describe("a node that is being added", () => {
  test("learns the cluster, its founders and its own address", async () => {
    const { entrance, lines } = await join(4, [{ "h:8081": added }]);
    expect(entrance).toEqual({
      clusterId: clusterId("c0ffee"),
      founders: foundedBy([{ id: nodeId(1), peerAddress: "h:9081", diskId: null }]),
      peerAddress: "h:9084",
    });
    expect(lines).toEqual([]);
  });

  test("asks every address in turn, and believes the first who knows it", async () => {
    const { lines } = await join(4, [{ "h:1": "refused", "h:2": before, "h:3": added }]);
    expect(lines).toEqual([]);
  });

  test("asks again each second, and says why once for each reason", async () => {
    const { lines, rounds } = await join(4, [
      { "h:8081": "refused" },
      { "h:8081": "refused" },
      { "h:8081": before },
      { "h:8081": before },
      { "h:8081": "refused" },
      { "h:8081": added },
    ]);
    expect(rounds).toBe(6);
    const unanswered = "warn waiting to join: h:8081 does not answer (refused)";
    expect(lines).toEqual([
      unanswered,
      "warn waiting to join: node 4 is not a member yet, add it: POST " +
        'http://h:8081/v1/cluster/members {"id":4,"peer_address":"host:port of its peer port"}',
      unanswered,
    ]);
  });

  test("under an id that was removed is refused, once that is committed", async () => {
    expect(await refusalOf(3, before)).toEqual({
      code: "bad_flag",
      message:
        "--id 3 was removed from the cluster, and an id is never used again: add this node under " +
        "a new one",
    });
    const { lines } = await join(3, [
      { "h:8081": { ...before, committed: false } },
      { "h:8081": { ...added, members: [{ ...joining, id: 3 }], removed: [] } },
    ]);
    expect(lines).toHaveLength(1);
  });

  test("with a blank directory under an id that has taken part is refused", async () => {
    for (const state of ["learner", "voter"] as const) {
      const known = { ...added, members: [{ ...joining, state }] };
      expect(await refusalOf(4, known)).toMatchObject({
        code: "wiped",
        message: expect.stringContaining("node 4 has taken part already"),
      });
    }
  });
});

describe("asking a member over HTTP", () => {
  const servers: { stop(force: boolean): unknown }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.stop(true);
  });
  const answering = (body: unknown, status = 200) => {
    const paths: string[] = [];
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) => {
        paths.push(new URL(url).pathname);
        return Response.json(body, { status });
      },
    });
    servers.push(server);
    return { address: `127.0.0.1:${server.port}`, paths };
  };

  test("takes what is a list of members", async () => {
    const { address, paths } = answering(added);
    expect(await askMembers(address)).toEqual(added);
    expect(paths).toEqual(["/v1/cluster/members"]);
  });
  test("passes over what only a later version tells", async () => {
    const { address } = answering({ ...added, epoch: 7, members: [{ ...voter, rack: "a" }] });
    expect(await askMembers(address)).toEqual({ ...added, members: [voter] });
  });
  test("and nothing else", async () => {
    const answers: readonly (readonly [body: unknown, status: number, reason: string])[] = [
      [{ detail: "shutting down" }, 503, "it answers 503: shutting down"],
      [{ ...added, cluster_id: 7 }, 200, "it answers 200, which is no list of members"],
      ["hello", 200, "it answers 200, which is no list of members"],
      [null, 404, "it answers 404, which is no list of members"],
    ];
    for (const [body, status, reason] of answers) {
      await expect(askMembers(answering(body, status).address)).rejects.toThrow(reason);
    }
  });
  test("where nobody listens fails with a reason", async () => {
    const { address } = answering(added);
    servers.pop()?.stop(true);
    await expect(askMembers(address)).rejects.toThrow();
  });
});
