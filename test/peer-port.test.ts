import { describe, expect, test } from "bun:test";
import { readInvocation } from "../src/config";
import { announcedAddress, firstPeerPort, listenAddress } from "../src/peer-port";
import { clusterId, diskId, foundedBy, incarnation, nodeId } from "../src/types";

function configOf(...flags: string[]) {
  const invocation = readInvocation(["--id", "2", ...flags], {});
  if (invocation.kind !== "run") throw new Error(invocation.kind);
  return invocation.config;
}

describe("what a node announces", () => {
  const table: readonly (readonly [
    what: string,
    listen: string,
    hasMoved: boolean,
    announced: string | null,
  ])[] = [
    ["nothing where it always was, so that an operator's word holds", "10.0.0.2:9082", false, null],
    ["where it has moved to", "10.0.0.7:9082", true, "10.0.0.7:9082"],
    ["another port", "[::1]:9", true, "[::1]:9"],
    ["nothing, listening everywhere", "0.0.0.0:9082", true, null],
    ["never a wildcard", "[::]:9082", true, null],
    ["never a port that the system chooses", "10.0.0.2:0", true, null],
  ];
  for (const [what, listen, hasMoved, announced] of table) {
    test(what, () => expect(announcedAddress(listen, { hasMoved })).toBe(announced));
  }
});

describe("where a node listens", () => {
  const founders = foundedBy([{ id: nodeId(2), peerAddress: "h:2", diskId: null }]);
  const identityOf = (listen: string | null, members = founders) => ({
    nodeId: nodeId(2),
    clusterId: clusterId("c"),
    diskId: diskId("d"),
    incarnation: incarnation(1),
    founders: members,
    restoredFrom: null,
    listen,
    configured: listen,
    hasMoved: false,
  });
  test("as told, as at first, or as the founders have it", () => {
    expect(listenAddress(configOf("--peer", "0.0.0.0:7"), identityOf("h:3"))).toBe("0.0.0.0:7");
    expect(listenAddress(configOf(), identityOf("h:3"))).toBe("h:3");
    expect(listenAddress(configOf(), identityOf(null))).toBe("h:2");
    const nowhere = identityOf(null, foundedBy([]));
    expect(() => listenAddress(configOf(), nowhere)).toThrow("give its --peer host:port");
  });
  test("is written down at the first start, beside what the others know", () => {
    expect(firstPeerPort(configOf(), "h:2")).toEqual({ listen: "h:2", configured: "h:2" });
    expect(firstPeerPort(configOf("--peer", "0.0.0.0:7"), "h:2")).toEqual({
      listen: "0.0.0.0:7",
      configured: "h:2",
    });
  });
});
