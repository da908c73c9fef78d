import { describe, expect, test } from "bun:test";
import { readInvocation } from "../src/config";
import { announcedAddress, firstPeerPort, listenAddress } from "../src/peer-port";
import type { FirstPeerPort } from "../src/store/ports";
import { clusterId, diskId, foundedBy, incarnation, nodeId } from "../src/types";

function configOf(...flags: string[]) {
  const invocation = readInvocation(["--id", "2", ...flags], {});
  if (invocation.kind !== "run") throw new Error(invocation.kind);
  return invocation.config;
}

describe("what a node announces", () => {
  const direct: FirstPeerPort = { listen: "10.0.0.2:9082", configured: "10.0.0.2:9082" };
  const proxied: FirstPeerPort = { listen: "127.0.0.1:9082", configured: "kv.example:19082" };
  const everywhere: FirstPeerPort = { listen: "0.0.0.0:9082", configured: "kv.example:9082" };
  const moved: FirstPeerPort = { listen: "10.0.0.7:9082", configured: null };
  const unknown: FirstPeerPort = { listen: null, configured: null };
  const table: readonly (readonly [
    what: string,
    listen: string,
    first: FirstPeerPort,
    announced: string | null,
  ])[] = [
    ["nothing where it always was: they may know better", "10.0.0.2:9082", direct, null],
    ["where it is back, having moved before", "10.0.0.2:9082", moved, "10.0.0.2:9082"],
    ["where it has stayed since it moved", "10.0.0.7:9082", moved, "10.0.0.7:9082"],
    ["where it has moved to", "10.0.0.7:9082", direct, "10.0.0.7:9082"],
    ["another port", "[::1]:9", direct, "[::1]:9"],
    ["nothing behind a proxy", "127.0.0.1:9082", proxied, null],
    ["its new port, behind a proxy before", "127.0.0.1:7", proxied, "127.0.0.1:7"],
    ["nothing, listening everywhere", "0.0.0.0:9082", everywhere, null],
    ["nothing, listening everywhere elsewhere", "0.0.0.0:7", everywhere, null],
    ["where it listens, everywhere before", "10.0.0.2:9082", everywhere, "10.0.0.2:9082"],
    ["never a wildcard, though it was direct", "[::]:9082", direct, null],
    ["never a port that the system chooses", "10.0.0.2:0", direct, null],
    ["nothing, of a directory that does not say", "10.0.0.2:9082", unknown, null],
  ];
  for (const [what, listen, first, announced] of table) {
    test(what, () => expect(announcedAddress(listen, first)).toBe(announced));
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
