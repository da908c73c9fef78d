/** status, log, members, transfer, snapshot, backup. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compacted, noLeader } from "../../src/errors";
import { Typist } from "./command-line";

describe("status", () => {
  const table = [
    "Node 2 leads in term 3; 1 of 2 voters reachable, 2 needed; cluster c0ffee",
    "",
    "NODE  ROLE      TERM  LAST  COMMIT  APPLIED  SNAP  HEARD  ADDRESS",
    "   1  Follower     3    10       9        8     -    0ms  127.0.0.1:8081",
    "   2  unknown      -     -       -        -     -  never  peer 127.0.0.1:9082",
    "",
  ].join("\n");

  test("a line and a table, which fit 80 columns", async () => {
    const { code, out } = await new Typist().type(["status"], { columns: 80 });
    expect(code).toBe(0);
    expect(out).toBe(table);
  });

  test("colour where there is any, and the same text without it", async () => {
    const { out } = await new Typist().type(["status"], { columns: 80, hasColour: true });
    expect(out).not.toBe(table);
    expect(Bun.stripANSI(out)).toBe(table);
  });

  test("no leader is said first", async () => {
    const typist = new Typist();
    typist.node.leaderKnown = false;
    expect((await typist.type(["status"])).out).toStartWith("No leader in term 3; ");
    expect((await typist.json(["status"])).out.leader).toBeNull();
  });

  test("--watch looks again until it is told to stop, through what goes wrong", async () => {
    const typist = new Typist();
    const aborter = new AbortController();
    const pausesMs: number[] = [];
    const endpoints = [1, 2, 3].map((at) => `http://127.0.0.1:808${at}`);
    const onPause = (delayMs: number) => {
      pausesMs.push(delayMs);
      for (const endpoint of endpoints) {
        typist.network.tell(endpoint, pausesMs.length === 1 ? "refused" : "up");
      }
      if (pausesMs.length === 3) aborter.abort();
    };
    const told = { columns: 80, signal: aborter.signal, onPause };
    const { code, out } = await typist.type(["status", "--watch", "250ms"], told);
    expect(code).toBe(0);
    expect(pausesMs).toEqual([250, 250, 250]);
    const screens = out.split("\u001b[H").map((screen) => Bun.stripANSI(screen));
    expect(screens.slice(1).map((screen) => screen.split("\n")[0])).toEqual([
      table.split("\n")[0],
      expect.stringContaining("nobody can be reached: http://127.0.0.1:8081 (connection refused)"),
      table.split("\n")[0],
    ]);
  });

  test("--watch in a pipe moves no cursor, and in JSON it is a document a line", async () => {
    const typist = new Typist();
    const watch = async (...args: string[]) => {
      const aborter = new AbortController();
      let pauses = 0;
      const onPause = () => {
        if (++pauses === 2) aborter.abort();
      };
      return typist.type(["status", "--watch", ...args], { signal: aborter.signal, onPause });
    };
    expect((await watch()).out).toBe(`${table}\n${table}\n`);
    const lines = (await watch("--json")).out.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).cluster_id)).toEqual(["c0ffee", "c0ffee"]);
  });
});

describe("log", () => {
  const grown = async () => {
    const typist = new Typist();
    typist.node.appendEntry("noop");
    for (let at = 1; at < 30; at++) await typist.type(["set", `k${at}`, `${at}`]);
    return typist;
  };

  test("the last entries; from an index on", async () => {
    const typist = await grown();
    const { out } = await typist.type(["log", "--limit", "2"]);
    expect(out).toBe(
      [
        "INDEX  TERM  COMMAND  VALUE",
        '   29     3  SET k28  "28"',
        '   30     3  SET k29  "29"',
        "",
      ].join("\n"),
    );
    const { items } = (await typist.json(["log"])).out;
    expect(items.length).toBe(20);
    expect(items[0].index).toBe(11);
    expect((await typist.type(["log", "--from", "1", "--limit", "1"])).out).toEndWith("NOOP\n");
  });

  test("what is compacted away is not asked for; asked for, it is a failure", async () => {
    const typist = await grown();
    typist.node.compactedUpTo = 28;
    expect((await typist.json(["log"])).out.items.length).toBe(2);
    expect(await typist.json(["log", "--from", "1"])).toMatchObject({
      code: 1,
      err: { code: compacted("").code },
    });
  });
});

describe("members", () => {
  test("a table of them, without a word or with `list`", async () => {
    const typist = new Typist();
    const { out } = await typist.type(["members"], { columns: 80 });
    expect(out).toBe(
      [
        "As founded",
        "",
        "NODE  STATE  HEALTH   LAST  PEER ADDRESS    API ADDRESS",
        "   1  voter  healthy    10  127.0.0.1:9081  127.0.0.1:8081",
        "   2  voter  leads      10  127.0.0.1:9082  127.0.0.1:8082",
        "   3  voter  silent      -  127.0.0.1:9083  -",
        "",
      ].join("\n"),
    );
    expect((await typist.type(["members", "list"], { columns: 80 })).out).toBe(out);
  });

  test("come, are promoted, move and go, for good", async () => {
    const typist = new Typist();
    typist.node.membership.settles = true;
    const told = async (...args: string[]) => (await typist.type(["members", ...args])).out;
    expect(await told("add", "4", "127.0.0.1:9084")).toBe(
      "node 4 at 127.0.0.1:9084: not met yet\n",
    );
    expect(await told("add", "5", "127.0.0.1:9085", "--learner", "--wait")).toBe(
      "node 5 at 127.0.0.1:9085: learner\n",
    );
    expect(await told("promote", "5")).toBe("node 5 at 127.0.0.1:9085: voter\n");
    expect(await told("move", "5", "127.0.0.1:9095")).toBe("node 5 at 127.0.0.1:9095: voter\n");
    expect(await told("remove", "4")).toBe("node 4 is removed\n");
    expect(await told("remove", "2", "--force")).toBe("node 2 is removed\n");
    expect(await told("list")).toEndWith("\nRemoved for good: 4, 2\n");
    expect((await typist.json(["members", "remove", "1"])).err.code).toBe("membership_conflict");
    expect(await told("remove", "1", "--force")).toBe(
      "node 1 is removed; it holds once enough of those who are left answer\n",
    );
    expect((await typist.type(["members", "promote", "9"])).code).toBe(3);
  });
});

test("transfer and snapshot say what came of them", async () => {
  const typist = new Typist();
  expect((await typist.type(["transfer"])).out).toBe("node 1 leads\n");
  expect((await typist.type(["transfer", "3"])).out).toBe("node 3 leads\n");
  expect((await typist.json(["transfer", "2"])).out).toEqual({ leader_id: 2 });
  expect((await typist.type(["snapshot"])).out).toBe(
    "node 1 has a snapshot of 1.2 KiB at entry 8 of term 3\n",
  );
});

describe("backup", () => {
  const folder = mkdtempSync(join(tmpdir(), "balsa-cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const pieces = [new Uint8Array([1, 2, 3]), new Uint8Array(100_000).fill(4)];
  const whole = Buffer.concat(pieces);

  test("a file, whole; and none over another unless it is told so", async () => {
    const typist = new Typist();
    typist.node.backupPieces = pieces;
    const file = join(folder, "a.backup");
    expect((await typist.type(["backup", file])).out).toBe(`${file}: 97.7 KiB at revision 0\n`);
    expect(readFileSync(file).equals(whole)).toBe(true);
    writeFileSync(file, "mine");
    expect((await typist.type(["backup", file])).code).toBe(2);
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect((await typist.json(["backup", file, "--force"])).out).toEqual({
      file,
      bytes: 100_003,
      revision: 0,
    });
    expect(readFileSync(file).equals(whole)).toBe(true);
  });

  test("to standard output", async () => {
    const typist = new Typist();
    typist.node.backupPieces = pieces;
    expect(Buffer.from((await typist.type(["backup", "-"])).bytes).equals(whole)).toBe(true);
  });

  test("one that breaks off leaves nothing behind", async () => {
    const typist = new Typist();
    typist.node.backupPieces = (function* () {
      yield new Uint8Array(10);
      throw new Error("the node is gone");
    })() as unknown as readonly Uint8Array[];
    const file = join(folder, "b.backup");
    expect((await typist.type(["backup", file])).code).toBe(1);
    expect(existsSync(file)).toBe(false);
    expect(existsSync(`${file}.partial`)).toBe(false);
    typist.node.fault = noLeader("2 voters needed, 1 reachable");
    expect((await typist.type(["backup", file, "--timeout", "1s"])).code).toBe(1);
    expect(existsSync(`${file}.partial`)).toBe(false);
  });
});
