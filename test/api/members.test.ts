/** Who takes part, and who leads: what is asked and done. What is refused has its own file. */
import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { MembersAnswer } from "../../src/api/schemas";
import { type Ask, apiOnMap, invalidRequest } from "./asking";

const MEMBERS = "/v1/cluster/members";
const TRANSFER = "/v1/cluster/transfer-leadership";
const newcomer = { id: 4, peer_address: "127.0.0.1:9084" };
const addNewcomer = (ask: Ask, query = "") =>
  ask("POST", `${MEMBERS}${query}`, { body: JSON.stringify(newcomer) });
const second = {
  id: 2,
  peer_address: "127.0.0.1:9082",
  address: "127.0.0.1:8082",
  state: "voter",
  voter: true,
  stays_learner: false,
  healthy: true,
  last_log_index: 10,
};
const joining = {
  ...newcomer,
  address: null,
  state: "joining",
  voter: false,
  stays_learner: false,
  healthy: false,
  last_log_index: null,
};

describe("who takes part", () => {
  test("is told with the founders, those who left, and the entry that says so", async () => {
    const { ask } = apiOnMap();
    await ask("DELETE", `${MEMBERS}/3`);
    const answer = await ask("GET", MEMBERS);
    expect(answer.status).toBe(200);
    expect(Value.Check(MembersAnswer, answer.json())).toBe(true);
    expect(answer.json()).toEqual({
      cluster_id: "c0ffee",
      leader_id: 2,
      index: 1,
      committed: true,
      members: [
        { ...second, id: 1, peer_address: "127.0.0.1:9081", address: "127.0.0.1:8081" },
        second,
      ],
      removed: [3],
      founders: [1, 2, 3].map((id) => ({ id, peer_address: `127.0.0.1:908${id}` })),
    });
  });

  test("is told where no leader is known", async () => {
    const { ask, node } = apiOnMap();
    node.leaderKnown = false;
    expect((await ask("GET", MEMBERS)).json()).toMatchObject({ leader_id: null });
  });

  test("is asked of one, who may be none or gone", async () => {
    const { ask } = apiOnMap();
    expect((await ask("GET", `${MEMBERS}/2`)).json()).toEqual(second);
    await ask("DELETE", `${MEMBERS}/3`);
    for (const [id, detail] of [
      [3, "node 3 was removed"],
      [9, "node 9 is not a member"],
    ]) {
      const answer = await ask("GET", `${MEMBERS}/${id}`);
      expect(answer.status).toBe(404);
      expect(answer.json()).toMatchObject({ code: "not_found", detail, outcome: null });
    }
  });
});

describe("adding a node", () => {
  test("is 202 with the member as it stands, and where to ask again", async () => {
    const { ask, node } = apiOnMap();
    const answer = await addNewcomer(ask);
    expect(answer.status).toBe(202);
    expect(answer.json()).toEqual(joining);
    expect(answer.headers.get("location")).toBe(`${MEMBERS}/4`);
    expect((await ask("GET", `${MEMBERS}/4`)).json()).toEqual(joining);
    expect(node.membership.waits).toEqual([]);
  });

  test("as one who stays a learner, its address in its one spelling", async () => {
    const { ask, node } = apiOnMap();
    const body = '{"id":4,"peer_address":"KV4.example:9084"}';
    const answer = await ask("POST", `${MEMBERS}?learner=true&timeout=2s`, { body });
    expect(answer.json()).toMatchObject({ peer_address: "kv4.example:9084", stays_learner: true });
    expect(node.membership.asked[0]?.change).toMatchObject({ kind: "add", stays: true });
    expect(node.membership.asked[0]?.timeoutMs).toBeLessThanOrEqual(2_000);
  });

  test("and waiting for it is 200 once it is a voter, else 202 with where it stands", async () => {
    const { ask, node } = apiOnMap();
    node.membership.settles = true;
    const settled = await addNewcomer(ask, "?wait=true");
    expect(settled.status).toBe(200);
    expect(settled.json()).toMatchObject({ id: 4, state: "voter", voter: true });

    const late = apiOnMap();
    const waited = await addNewcomer(late.ask, "?wait=true&timeout=1ms");
    expect(waited.status).toBe(202);
    expect(waited.json()).toEqual(joining);
    expect(waited.headers.get("location")).toBe(`${MEMBERS}/4`);
    expect(late.node.membership.waits).toEqual([1]);
  });

  test("is told truly by a node that has not heard of it yet", async () => {
    const { ask, node } = apiOnMap();
    node.membership.lag();
    expect((await addNewcomer(ask)).json()).toEqual(joining);
  });
});

describe("changing a member", () => {
  const put = (ask: Ask, id: number, body: object) =>
    ask("PUT", `${MEMBERS}/${id}`, { body: JSON.stringify(body) });

  test("moves it to another address", async () => {
    const { ask } = apiOnMap();
    const answer = await put(ask, 2, { peer_address: "127.0.0.1:7" });
    expect([answer.status, answer.json()]).toEqual([
      200,
      { ...second, peer_address: "127.0.0.1:7" },
    ]);
    expect((await ask("GET", `${MEMBERS}/2`)).json()).toMatchObject({
      peer_address: "127.0.0.1:7",
    });
  });

  test("promotes a learner now, and refuses one that lags", async () => {
    const { ask, node } = apiOnMap();
    node.membership.settles = true;
    await addNewcomer(ask, "?learner=true&wait=true");
    expect((await put(ask, 4, { learner: false })).json()).toMatchObject({ state: "voter" });
    const body = '{"id":5,"peer_address":"127.0.0.1:9085"}';
    await ask("POST", MEMBERS, { body });
    const refused = await put(ask, 5, { learner: false });
    expect([refused.status, refused.json()]).toMatchObject([
      409,
      { code: "membership_conflict", detail: "node 5 lags: it holds 0 of 10 entries" },
    ]);
  });

  test("is told truly by a node that has not heard of it yet", async () => {
    const { ask, node } = apiOnMap();
    node.membership.settles = true;
    await addNewcomer(ask, "?learner=true&wait=true");
    node.membership.lag();
    expect((await put(ask, 4, { learner: false })).json()).toMatchObject({ state: "voter" });
    expect((await put(ask, 2, { peer_address: "127.0.0.1:7" })).json()).toEqual({
      ...second,
      peer_address: "127.0.0.1:7",
    });
  });

  test("never demotes", async () => {
    const { ask, node } = apiOnMap();
    const demoted = await put(ask, 2, { learner: true });
    expect([demoted.status, demoted.json()]).toMatchObject([
      409,
      {
        code: "membership_conflict",
        detail:
          "node 2 is a voter, and a voter cannot be demoted: remove it and add a new node with " +
          "learner=true",
        outcome: "not_applied",
      },
    ]);
    await addNewcomer(ask);
    expect((await put(ask, 4, { learner: true })).json()).toMatchObject({
      detail: expect.stringContaining("node 4 was added to be promoted once it keeps up"),
    });
    await ask("POST", `${MEMBERS}?learner=true`, {
      body: '{"id":5,"peer_address":"127.0.0.1:9085"}',
    });
    expect((await put(ask, 5, { learner: true })).status).toBe(200);
    expect(node.membership.asked).toHaveLength(2);
  });

  test("takes one change at a time, of a member", async () => {
    const { ask } = apiOnMap();
    const detail = "one change at a time: the body has either peer_address or learner";
    for (const body of [{}, { peer_address: "127.0.0.1:7", learner: false }]) {
      expect((await put(ask, 2, body)).json()).toEqual(invalidRequest(detail));
    }
    expect((await put(ask, 9, { learner: false })).status).toBe(404);
    expect((await put(ask, 2, { peer_address: "127.0.0.1:9081" })).json()).toMatchObject({
      status: 409,
      detail: "127.0.0.1:9081 is the peer address of node 1",
    });
  });
});

describe("removing a member", () => {
  test("is 200 with the entry that did it", async () => {
    const { ask } = apiOnMap();
    const answer = await ask("DELETE", `${MEMBERS}/3`);
    expect([answer.status, answer.json()]).toEqual([200, { id: 3, removed: true, index: 1 }]);
    const again = await ask("DELETE", `${MEMBERS}/3`);
    expect([again.status, again.json()]).toMatchObject([404, { outcome: "not_applied" }]);
  });

  test("that would lose the quorum is 409 with the arithmetic, and forced 202", async () => {
    const { ask } = apiOnMap();
    const refused = await ask("DELETE", `${MEMBERS}/2`);
    expect([refused.status, refused.json()]).toMatchObject([
      409,
      { detail: expect.stringContaining("2 voters: 2 needed, 1 reachable") },
    ]);
    const forced = await ask("DELETE", `${MEMBERS}/2?force=true`);
    expect([forced.status, forced.json()]).toEqual([
      202,
      { id: 2, removed: true, index: 1, committed: false },
    ]);
  });
});

describe("handing the leadership over", () => {
  for (const [body, leader] of [
    [undefined, 1],
    ["", 1],
    ["{}", 1],
    ['{"to":2}', 2],
  ] as const) {
    test(`with ${body === undefined ? "no body" : `the body '${body}'`}`, async () => {
      const { ask } = apiOnMap();
      const answer = await ask("POST", TRANSFER, body === undefined ? {} : { body });
      expect([answer.status, answer.json()]).toEqual([200, { leader_id: leader }]);
    });
  }
  test("to a stranger is 404, to a learner 409", async () => {
    const { ask } = apiOnMap();
    expect((await ask("POST", TRANSFER, { body: '{"to":9}' })).status).toBe(404);
    await addNewcomer(ask);
    expect((await ask("POST", TRANSFER, { body: '{"to":4}' })).status).toBe(409);
  });
});
