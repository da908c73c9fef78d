/** Who may speak to this node. */
import { describe, expect, test } from "bun:test";
import { Gate, PROTOCOL_VERSION } from "../../src/actors/gate";
import type { Hello } from "../../src/messages";
import { type Configuration, clusterId, diskId, incarnation, nodeId } from "../../src/types";
import { helloOf } from "../codec/greeting-fixture";
import { MachineDriver } from "../machines/machine-driver";
import {
  appendEntries,
  diskOf,
  entryAt,
  hardState,
  logOf,
  votersUpTo,
} from "../machines/raft-words";

const unbound = votersUpTo(3, () => false);
const replaced = diskId("replaced");

const here = { apiAddress: "127.0.0.1:8081", peerAddress: "127.0.0.1:9081" };

/** Node 1's gate, and its chart. */
function gateWith(voters: Configuration) {
  const node = new MachineDriver({ voters, hardState: hardState(3), log: logOf(1, 3) });
  const identity = {
    nodeId: nodeId(1),
    clusterId: clusterId("c0ffee"),
    diskId: diskOf(1),
    incarnation: incarnation(7),
    founders: voters,
    restoredFrom: null,
    listen: null,
    configured: null,
  };
  return { gate: new Gate(identity, here, () => node.context), node };
}

/** Node 2's greeting, on the disk that it is bound by. */
const greeting = (differences: Partial<Hello> = {}) =>
  helloOf(2, { diskId: diskOf(2), ...differences });

test("a greeting says who we are and where our log ends at that moment", () => {
  const { gate, node } = gateWith(votersUpTo(3));
  const configuredAddress = "node-1:9080";
  const own = { diskId: diskOf(1), incarnation: incarnation(7), configuredAddress, ...here };
  const hello = helloOf(1, own);
  const last = { protocolVersion: PROTOCOL_VERSION, lastLogIndex: 2, lastLogTerm: 3 };
  expect<object>(gate.hello()).toEqual({ ...hello, ...last });
  node.receive(2, appendEntries({ term: 4, prev: [2, 3], entries: [entryAt([3, 4])] }));
  expect<object>(gate.hello()).toMatchObject({ lastLogIndex: 3, lastLogTerm: 4 });
});

describe("a greeting is judged", () => {
  const { gate } = gateWith(votersUpTo(3));
  const judged = (differences: Partial<Hello>) => gate.judge(greeting(differences));

  test("a member on its disk may speak", () => expect(judged({})).toBeNull());

  test("another protocol is refused before anything else is looked at", () => {
    expect(judged({ protocolVersion: 2, clusterId: clusterId("other") })).toEqual({
      code: "protocol_version",
      detail: "node 2 speaks protocol 2, we speak 1",
    });
  });

  test("so are another cluster and our own id (M40)", () => {
    expect(judged({ clusterId: clusterId("other") })).toEqual({
      code: "foreign_cluster",
      detail: "node 2 belongs to cluster other, we belong to c0ffee",
    });
    expect(judged({ nodeId: nodeId(1) })).toEqual({
      code: "impostor",
      detail: "node 1 is ourselves: two nodes run with one id",
    });
  });

  test("one that our log does not know may have come while we were away", () => {
    expect(gateWith(votersUpTo(3)).gate.judge(helloOf(4))).toBeNull();
  });

  test("and one that was removed, for good, once that is committed", () => {
    const removed = [{ id: nodeId(4), diskId: diskOf(4) }];
    const { gate } = gateWith({ ...votersUpTo(3), removed });
    expect(gate.judge(helloOf(4))).toEqual({
      code: "removed",
      detail: "node 4 was removed from this cluster; an id is never used again",
    });
  });

  test("and a member on another disk than it is known by (M39)", () => {
    expect(judged({ diskId: replaced })).toEqual({
      code: "wiped",
      detail:
        "node 2 comes with another disk than the cluster knows it by: " +
        "it has forgotten its votes and acknowledgements",
    });
  });
});

describe("a disk is judged by what is committed", () => {
  test("a member that nothing binds may come with any, and with another the next time", () => {
    const { gate } = gateWith(unbound);
    // Starts are counted on each disk: a new one begins anew, and that is not for us to judge.
    expect(gate.judge(greeting({ incarnation: incarnation(7) }))).toBeNull();
    const anew = greeting({ diskId: replaced, incarnation: incarnation(1) });
    expect(gate.judge(anew)).toBeNull();
    expect(gate.judge(greeting({ incarnation: incarnation(6) }))).toBeNull();
  });

  test("a binding refuses another disk from its commit on, and no sooner", () => {
    const { gate, node } = gateWith(unbound);
    const entries = [entryAt([3, 4], votersUpTo(3))];
    node.receive(2, appendEntries({ term: 4, prev: [2, 3], entries }));
    const stranger = greeting({ diskId: replaced });
    expect(gate.judgeDisk(stranger)).toBeNull();
    expect(gate.judge(stranger)).toBeNull();
    node.receive(2, appendEntries({ term: 4, prev: [3, 4], commit: 3 }));
    expect(gate.judgeDisk(stranger)?.code).toBe("wiped");
    expect(gate.judge(stranger)?.code).toBe("wiped");
    expect(gate.judgeDisk(greeting())).toBeNull();
  });
});
