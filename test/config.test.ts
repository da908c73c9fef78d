import { describe, expect, test } from "bun:test";
import { FLAGS, readInvocation } from "../src/config";
import { StartupError } from "../src/errors";
import { nodeId } from "../src/types";

const CLUSTER = "1=127.0.0.1:9081,2=127.0.0.1:9082,3=127.0.0.1:9083";

function configOf(args: readonly string[], environment: Record<string, string> = {}) {
  const invocation = readInvocation(args, environment);
  if (invocation.kind !== "run") throw new Error(`not a run but ${invocation.kind}`);
  return invocation.config;
}

/** The message of the error that a command line meets. */
function refusalOf(args: readonly string[], environment: Record<string, string> = {}): string {
  try {
    readInvocation(args, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(StartupError);
    if (error instanceof StartupError) {
      expect(error.code).toBe("bad_flag");
      expect(error.message).not.toContain("\n");
      return error.message;
    }
  }
  throw new Error(`${args.join(" ")} was not refused`);
}

describe("a command line", () => {
  test("of the README", () => {
    const given = ["--id", "2", "--cluster", CLUSTER, "--api", "127.0.0.1:8082", "--data", "d/2"];
    expect(configOf(given)).toEqual({
      nodeId: nodeId(2),
      founders: [
        { id: nodeId(1), peerAddress: "127.0.0.1:9081", diskId: null },
        { id: nodeId(2), peerAddress: "127.0.0.1:9082", diskId: null },
        { id: nodeId(3), peerAddress: "127.0.0.1:9083", diskId: null },
      ],
      clusterToken: "balsa",
      join: null,
      api: { host: "127.0.0.1", port: 8082 },
      advertiseApi: null,
      peer: null,
      dataDirectory: "d/2",
      electionTimeoutMs: 500,
      snapshotIntervalMs: 300_000,
      snapshotEntries: 100_000,
      restoreFile: null,
      heartbeatIntervalMs: 100,
      logLevel: "info",
    });
  });

  test("with only an id has the documented defaults", () => {
    expect(configOf(["--id=7"])).toMatchObject({
      nodeId: nodeId(7),
      founders: null,
      api: { host: "127.0.0.1", port: 8080 },
      peer: null,
      dataDirectory: "data/7",
    });
  });

  test("with everything", () => {
    const given = [
      ...["--id", "1", "--cluster", CLUSTER, "--cluster-token", "blue", "--api", "0.0.0.0:80"],
      ...["--advertise-api", "KV1.example:80", "--peer", "0.0.0.0:9081", "--log-level", "debug"],
      ...["--snapshot-interval", "2m", "--snapshot-entries", "2000", "--restore", "old.backup"],
      ...["--election-timeout", "3s", "--heartbeat-interval", "1s"],
    ];
    expect(configOf(given)).toMatchObject({
      clusterToken: "blue",
      api: { host: "0.0.0.0", port: 80 },
      advertiseApi: "kv1.example:80",
      peer: { host: "0.0.0.0", port: 9081 },
      logLevel: "debug",
      electionTimeoutMs: 3_000,
      snapshotIntervalMs: 120_000,
      snapshotEntries: 2_000,
      restoreFile: "old.backup",
      heartbeatIntervalMs: 1_000,
    });
  });

  test("names founders in any order, with IPv6 addresses", () => {
    const { founders } = configOf(["--id", "1", "--cluster", "2=[::2]:9082, 1=[::1]:9081"]);
    expect(founders?.map(({ id, peerAddress }) => [id, peerAddress])).toEqual([
      [nodeId(1), "[::1]:9081"],
      [nodeId(2), "[::2]:9082"],
    ]);
  });

  test("joins by any members, in their order", () => {
    const environment = { BALSA_JOIN: "KV2.example:80, [::1]:8081" };
    expect(configOf(["--id", "4"], environment).join).toEqual(["kv2.example:80", "[::1]:8081"]);
  });

  test("gives a configuration that nobody can change", () => {
    expect(Object.isFrozen(configOf(["--id", "1"]))).toBe(true);
  });
});

describe("the environment", () => {
  test("stands in for flags, and flags win", () => {
    const environment = {
      BALSA_ID: "3",
      BALSA_API: "127.0.0.1:1",
      BALSA_HEARTBEAT_INTERVAL: "9ms",
    };
    const config = configOf(["--api", "127.0.0.1:2"], environment);
    expect(config.nodeId).toBe(nodeId(3));
    expect(config.api.port).toBe(2);
    expect(config.heartbeatIntervalMs).toBe(9);
  });
  test("an empty variable is none", () => {
    expect(configOf(["--id", "1"], { BALSA_API: "" }).api.port).toBe(8080);
  });
  test("is checked like flags", () => {
    expect(refusalOf([], { BALSA_ID: "x" })).toStartWith("--id x is no positive integer");
  });
});

describe("recover", () => {
  const recoverOf = (args: readonly string[], environment: Record<string, string> = {}) => {
    const invocation = readInvocation(["recover", ...args], environment);
    if (invocation.kind !== "recover") throw new Error(`not recover but ${invocation.kind}`);
    return invocation.command;
  };
  test("names a directory, and does nothing unless told so", () => {
    expect(recoverOf(["--data", "d/2"])).toEqual({
      dataDirectory: "d/2",
      nodeId: null,
      peerAddress: null,
      isConfirmed: false,
      isForced: false,
    });
    const all = ["--data", "d", "--id", "2", "--peer", "KV2.example:9", "--yes", "--force"];
    expect(recoverOf(all)).toEqual({
      dataDirectory: "d",
      nodeId: nodeId(2),
      peerAddress: "kv2.example:9",
      isConfirmed: true,
      isForced: true,
    });
  });
  test("knows a node's usual directory, and the environment", () => {
    expect(recoverOf(["--id", "2"]).dataDirectory).toBe("data/2");
    const environment = { BALSA_DATA: "d", BALSA_ID: "3", BALSA_PEER: "0.0.0.0:9083" };
    expect(recoverOf([], environment)).toMatchObject({
      dataDirectory: "d",
      nodeId: nodeId(3),
      peerAddress: null,
    });
  });
  test("has help of its own", () => {
    const answer = readInvocation(["recover", "-h"], {});
    const text = answer.kind === "help" ? answer.text : "";
    for (const name of ["data", "id", "peer", "yes", "force"]) expect(text).toContain(`--${name} `);
  });
  test("refuses what it does not know", () => {
    expect(refusalOf(["recover"])).toStartWith("--data is missing");
    expect(refusalOf(["recover", "--data", "d", "--api", "h:1"])).toStartWith("there is no flag");
    expect(refusalOf(["recover", "--data", "d", "--yes=1"])).toStartWith("--yes takes no value");
    expect(refusalOf(["--id", "1", "--yes"])).toStartWith("there is no flag --yes");
    expect(refusalOf(["recover", "--data", "d", "--peer", "h"])).toStartWith("--peer h is no");
  });
});

describe("questions", () => {
  test("--help lists every flag and its variable", () => {
    const answer = readInvocation(["--help"], {});
    const text = answer.kind === "help" ? answer.text : "";
    for (const { name, environment } of FLAGS) {
      expect(text).toMatch(new RegExp(`--${name} +${environment} `));
    }
  });
  test("-h and --version", () => {
    expect(readInvocation(["-h"], {}).kind).toBe("help");
    expect(readInvocation(["--version"], {})).toEqual({ kind: "version" });
  });
});

describe("a bad flag is refused with how to mend it", () => {
  const id = ["--id", "1"];
  const refused: readonly (readonly [args: readonly string[], message: string])[] = [
    [[], "--id is missing: give this node's number, such as --id 1"],
    [["--id", "0"], "--id 0 is no positive integer"],
    [["--id", "-1"], "--id -1 is no positive integer"],
    [["--id", "1.5"], "--id 1.5 is no positive integer"],
    [["--id", "9007199254740992"], "--id 9007199254740992 is no positive integer"],
    [["--id"], "--id needs a value"],
    [["--id="], "--id needs a value"],
    [["--id", "--api", "x"], "--id needs a value, but --api follows"],
    [["--id", "1", "--id", "1"], "--id is given twice"],
    [["--help=yes"], "--help takes no value"],
    [[...id, "--port", "1"], "there is no flag --port"],
    [[...id, "--constructor", "1"], "there is no flag --constructor"],
    [[...id, "--join", "8081"], "--join 8081 is no host:port"],
    [[...id, "--join", "h:1,"], "--join  is no host:port"],
    [[...id, "--join", "h:0"], "--join h:0 needs a port from 1 to 65535"],
    [[...id, "--join", "[::]:1"], "--join [::]:1 names no machine: others cannot connect to ::"],
    [[...id, "--join", "h:1,h:2,H:1"], "--join has the address h:1 twice"],
    [
      [...id, "--api", "h:1", "--join", "g:1,H:1"],
      "--join h:1 points to this node itself: name the API of a member",
    ],
    [
      [...id, "--api", "0.0.0.0:1", "--advertise-api", "h:1", "--join", "h:1"],
      "--join h:1 points to this node itself: name the API of a member",
    ],
    [
      [...id, "--join", "h:1", "--cluster", "1=h:2"],
      "--cluster founds a cluster and --join enters one: give one of them",
    ],
    [
      [...id, "--join", "h:1", "--restore", "b"],
      "--restore founds a cluster and --join enters one: give one of them",
    ],
    [[...id, "-x"], "there is no flag -x"],
    [[...id, "start"], '"start" is no flag'],
    [[...id, "--cluster", "2=h:1"], "--cluster does not name this node's --id 1: add 1=host:port"],
    [[...id, "--cluster", "1=h:1,1=h:2"], "--cluster has the id 1 twice"],
    [[...id, "--cluster", "1=h:1,2=H:1"], "--cluster has the address h:1 twice"],
    [[...id, "--cluster", "1=h:1,"], '--cluster has "" where id=host:port is expected'],
    [[...id, "--cluster", "1=h:1=x"], '--cluster has "1=h:1=x" where id=host:port is expected'],
    [[...id, "--cluster", "h:1"], '--cluster has "h:1" where id=host:port is expected'],
    [[...id, "--cluster", "1=h"], "--cluster h is no host:port"],
    [[...id, "--cluster", "1=h:0"], "--cluster h:0 needs a port from 1 to 65535"],
    [
      [...id, "--cluster", "1=0.0.0.0:1"],
      "--cluster 0.0.0.0:1 names no machine: others cannot connect to 0.0.0.0",
    ],
    [[...id, "--api", "8080"], "--api 8080 is no host:port"],
    [[...id, "--api", "h:65536"], "--api h:65536 is no host:port"],
    [[...id, "--api", "::1:80"], "--api ::1:80 is no host:port"],
    [[...id, "--api", "1.2.3.400:80"], "--api 1.2.3.400:80 is no host:port"],
    [
      [...id, "--advertise-api", "[::]:1"],
      "--advertise-api [::]:1 names no machine: others cannot connect to ::",
    ],
    [[...id, "--peer", "a b:1"], "--peer a b:1 is no host:port"],
    [[...id, "--snapshot-interval", "99ms"], "--snapshot-interval must be from 100ms to 7 days"],
    [[...id, "--snapshot-entries", "0"], "--snapshot-entries 0 is no integer of at least 1"],
    [[...id, "--snapshot-entries", "1e3"], "--snapshot-entries 1e3 is no integer of at least 1"],
    [[...id, "--log-level", "loud"], "--log-level loud is none of debug, info, warn, error"],
    [[...id, "--election-timeout", "500"], "--election-timeout 500 is no duration such as 150ms"],
    [[...id, "--election-timeout", "0.5s"], "--election-timeout 0.5s is no duration"],
    [[...id, "--election-timeout", "29ms"], "--election-timeout must be from 30ms to 10m"],
    [[...id, "--election-timeout", "601s"], "--election-timeout must be from 30ms to 10m"],
    [
      [...id, "--heartbeat-interval", "167ms"],
      "--heartbeat-interval must be from 1ms to a third of the election timeout, 166ms",
    ],
    [[...id, "--heartbeat-interval", "0ms"], "--heartbeat-interval must be from 1ms"],
  ];
  for (const [args, message] of refused) {
    test(args.join(" ") || "nothing at all", () => expect(refusalOf(args)).toStartWith(message));
  }

  test("but what is just within the limits is taken", () => {
    expect(configOf([...id, "--heartbeat-interval", "166ms"]).heartbeatIntervalMs).toBe(166);
    const slow = ["--election-timeout", "10m", "--heartbeat-interval", "1ms"];
    expect(configOf([...id, ...slow]).electionTimeoutMs).toBe(600_000);
    const quick = ["--election-timeout", "30ms", "--heartbeat-interval", "10ms"];
    expect(configOf([...id, ...quick]).electionTimeoutMs).toBe(30);
  });
});
