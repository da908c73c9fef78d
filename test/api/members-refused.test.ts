/** Who takes part: every way in which a request about it fails. */
import { describe, expect, test } from "bun:test";
import {
  membershipConflict,
  noLeader,
  outcomeUnknown,
  outOfSpace,
  overloaded,
  timedOut,
} from "../../src/errors";
import { apiOnMap, invalidRequest } from "./asking";

const MEMBERS = "/v1/cluster/members";
const TRANSFER = "/v1/cluster/transfer-leadership";

describe("a failure of the node", () => {
  const failures = [
    [noLeader("2 voters needed, 1 reachable"), 503],
    [timedOut("the change is not committed yet; it may still be", "unknown"), 504],
    [outcomeUnknown("the leader lost its office after it had appended the change"), 504],
    [membershipConflict("another change, entry 7, is not committed yet: one at a time", true), 409],
    [overloaded("16 changes of membership are waiting"), 429],
    [outOfSpace("2 of 3 disks are full"), 507],
  ] as const;
  for (const [fault, status] of failures) {
    test(`${fault.code} is ${status} to every change`, async () => {
      const { ask, node } = apiOnMap();
      node.fault = fault;
      const { detail, outcome, retryable } = fault.facts;
      const expected = { status, code: fault.code, detail, outcome, retryable };
      for (const answer of [
        await ask("POST", MEMBERS, { body: '{"id":4,"peer_address":"127.0.0.1:9084"}' }),
        await ask("PUT", `${MEMBERS}/2`, { body: '{"learner":false}' }),
        await ask("DELETE", `${MEMBERS}/2`),
        await ask("POST", TRANSFER),
      ]) {
        expect(answer.json()).toMatchObject(expected);
      }
    });
  }
});

describe("a bad request", () => {
  const ID = "the id must be an integer from 1 to 9007199254740991";
  const nowhere = (address: string, what: string) =>
    `peer_address ${JSON.stringify(address)} ${what}`;
  const NO_ADDRESS = "is no host:port, such as 127.0.0.1:9081 or [::1]:9081";
  const PORT = "needs a port from 1 to 65535";
  const wildcard = (host: string) => `names no machine: others cannot connect to ${host}`;
  const addresses: readonly (readonly [address: string, what: string])[] = [
    ["", NO_ADDRESS],
    ["a b:1", NO_ADDRESS],
    [":9084", NO_ADDRESS],
    ["http://h:1", NO_ADDRESS],
    ["1.2.3.400:1", NO_ADDRESS],
    ["::1:9084", NO_ADDRESS],
    ["h:65536", NO_ADDRESS],
    ["h:0", PORT],
    ["h", NO_ADDRESS],
    ["0.0.0.0:9084", wildcard("0.0.0.0")],
    ["[::]:9084", wildcard("::")],
    ["[0:0:0:0:0:0:0:0]:9084", wildcard("0:0:0:0:0:0:0:0")],
    ["[::ffff:0.0.0.0]:9084", wildcard("::ffff:0.0.0.0")],
  ];
  for (const [address, what] of addresses) {
    test(`the address ${JSON.stringify(address)}`, async () => {
      const { ask, node } = apiOnMap();
      const added = await ask("POST", MEMBERS, {
        body: JSON.stringify({ id: 4, peer_address: address }),
      });
      expect(added.json()).toEqual(invalidRequest(nowhere(address, what)));
      const moved = await ask("PUT", `${MEMBERS}/2`, {
        body: JSON.stringify({ peer_address: address }),
      });
      expect(moved.json()).toEqual(invalidRequest(nowhere(address, what)));
      expect(node.membership.asked).toEqual([]);
    });
  }

  const address = '"peer_address":"127.0.0.1:9084"';
  const cases: readonly (readonly [string, string, string | undefined, string])[] = [
    ["POST", MEMBERS, `{"id":0,${address}}`, ID],
    ["POST", MEMBERS, `{"id":-1,${address}}`, ID],
    ["POST", MEMBERS, `{"id":1.5,${address}}`, ID],
    ["POST", MEMBERS, `{"id":"4",${address}}`, ID],
    ["POST", MEMBERS, `{"id":9007199254740992,${address}}`, ID],
    ["POST", MEMBERS, `{${address}}`, "id"],
    ["POST", MEMBERS, '{"id":4}', "peer_address"],
    ["POST", MEMBERS, '{"id":4,"peer_address":9084}', "peer_address"],
    ["POST", MEMBERS, `{"id":4,${address},"voter":true}`, "voter"],
    ["POST", MEMBERS, '{"id":4', "JSON"],
    ["POST", MEMBERS, "", "JSON"],
    ["POST", `${MEMBERS}?wait=maybe`, `{"id":4,${address}}`, "wait must be true or false"],
    ["POST", `${MEMBERS}?learner=`, `{"id":4,${address}}`, "learner must be true or false"],
    ["POST", `${MEMBERS}?force=true`, `{"id":4,${address}}`, "force"],
    ["POST", `${MEMBERS}?timeout=61s`, `{"id":4,${address}}`, "timeout must be from 1ms to 60s"],
    ["PUT", `${MEMBERS}/0`, '{"learner":false}', ID],
    ["PUT", `${MEMBERS}/2`, '{"learner":"no"}', "learner"],
    ["PUT", `${MEMBERS}/2`, '{"role":"voter"}', "role"],
    ["DELETE", `${MEMBERS}/x`, undefined, ID],
    ["DELETE", `${MEMBERS}/2?force=1`, undefined, "force must be true or false"],
    ["DELETE", `${MEMBERS}/2?wait=true`, undefined, "wait"],
    ["GET", `${MEMBERS}/-1`, undefined, ID],
    ["GET", `${MEMBERS}/1.5`, undefined, ID],
    ["GET", `${MEMBERS}/9007199254740992`, undefined, ID],
    ["GET", `${MEMBERS}?limit=1`, undefined, "limit"],
    ["POST", TRANSFER, '{"to":0}', ID],
    ["POST", TRANSFER, '{"id":2}', "id"],
    ["POST", TRANSFER, "2", "object"],
  ];
  for (const [method, path, body, part] of cases) {
    test(`${method} ${path} ${body ?? ""}`, async () => {
      const { ask, node, internalErrors } = apiOnMap();
      const answer = await ask(method, path, body === undefined ? {} : { body });
      const outcome = method === "GET" ? null : "not_applied";
      expect(answer.json()).toEqual(invalidRequest(expect.stringContaining(part), outcome));
      expect(internalErrors).toEqual([]);
      expect(node.membership.asked).toEqual([]);
    });
  }

  test("another method is told what to use", async () => {
    const { ask } = apiOnMap();
    const allowed = async (method: string, path: string) => {
      const answer = await ask(method, path);
      return [answer.status, answer.headers.get("allow")];
    };
    expect(await allowed("DELETE", MEMBERS)).toEqual([405, "GET, HEAD, POST, OPTIONS"]);
    expect(await allowed("POST", `${MEMBERS}/2`)).toEqual([405, "GET, HEAD, PUT, DELETE, OPTIONS"]);
    expect(await allowed("GET", TRANSFER)).toEqual([405, "POST, OPTIONS"]);
  });
});
