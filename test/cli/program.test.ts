/** What all commands have in common: options, endpoints, errors, exit codes. */
import { describe, expect, test } from "bun:test";
import { answerOf, problem } from "../client/fake-network";
import { Typist } from "./command-line";

const [A, B, C] = [1, 2, 3].map((at) => `http://127.0.0.1:808${at}`) as [string, string, string];

describe("endpoints", () => {
  const askedBy = async (args: readonly string[], environment: Record<string, string> = {}) => {
    const typist = new Typist();
    for (const endpoint of [A, B, C]) typist.network.tell(endpoint, "refused");
    await typist.type(["get", "name", ...args], { environment });
    return typist.network.asked[0]?.split(" ")[0] ?? null;
  };

  test("those of the Procfile, of the environment, of the command line", async () => {
    expect(await askedBy([])).toBe(A);
    expect(await askedBy([], { BALSA_ENDPOINTS: "kv.example:80,other:1" })).toBe(
      "http://kv.example",
    );
    expect(await askedBy([], { BALSA_ENDPOINTS: "" })).toBe(A);
    const environment = { BALSA_ENDPOINTS: "kv.example:80" };
    expect(await askedBy(["--endpoints", "http://host:7"], environment)).toBe("http://host:7");
  });

  test("may stand before the command, too", async () => {
    const typist = new Typist();
    await typist.type(["--endpoints", "host:7", "--json", "get", "name"]);
    expect(typist.network.asked[0]).toStartWith("http://host:7 ");
  });

  test("the next is asked where one does not answer", async () => {
    const typist = new Typist();
    typist.network.tell(A, "refused");
    typist.network.tell(B, "frozen");
    expect((await typist.type(["set", "name", "x"])).code).toBe(0);
    expect(typist.network.asked.map((line) => line.split(" ")[0])).toEqual([A, B, C]);
  });
});

describe("exit codes", () => {
  /** Every endpoint answers so. */
  const answered = async (args: readonly string[], status: number, code: string, more = {}) => {
    const typist = new Typist();
    const answer = () => answerOf(status, problem(status, code, more));
    for (const endpoint of [A, B, C]) typist.network.tell(endpoint, answer);
    return typist.type([...args, "--timeout", "1s"]);
  };

  test("1: it failed, and a sentence says why", async () => {
    expect(await answered(["set", "a", "b"], 503, "no_leader", { retryable: true })).toMatchObject({
      code: 1,
      out: "",
      err: "balsa: it is no_leader",
    });
    expect(await answered(["status"], 503, "no_leader")).toMatchObject({ code: 1 });
  });

  test("4: a write that may have happened, and how to find out", async () => {
    const typist = new Typist();
    for (const endpoint of [A, B, C]) typist.network.tell(endpoint, "answer lost");
    const lost = await typist.type(["set", "a", "b", "--timeout", "1s"]);
    expect(lost.code).toBe(4);
    expect(lost.err).toEndWith(
      "whether it was applied is unknown: the same command with --idempotency-key key-1 finds " +
        "out, and does it at most once",
    );
    const change = await typist.type(["members", "remove", "3", "--timeout", "1s"]);
    expect(change.code).toBe(4);
    expect(change.err).toEndWith("; whether it was done is unknown");
  });

  test("2: not understood, and nothing is sent", async () => {
    const wrong: readonly (readonly [args: readonly string[], said: string])[] = [
      [[], "Usage: balsa"],
      [["nope"], "unknown command 'nope'"],
      [["get"], "missing required argument 'key'"],
      [["get", "a", "b"], "too many arguments"],
      [["get", "a", "--nope"], "unknown option '--nope'"],
      [["set", "a", "b", "--as", "xml"], "Allowed choices are text, json, bytes"],
      [["set", "a", "b", "--if-revision", "-1"], "It is no integer of at least 0."],
      [["transfer", "0"], "It is no integer of at least 1."],
      [["members", "add", "x", "h:1"], "It is no integer of at least 1."],
      [["status", "--timeout", "5"], "It is no duration such as 500ms, 5s, 2m."],
      [["status", "--timeout", "6m"], "a timeout must be from 1 to 300000 ms"],
      [["status", "--watch", "x"], "It is no duration"],
      [["get", "a", "--endpoints", "a:1,,b:2"], '"" is no host:port.'],
      [["completion", "tcsh"], "Allowed choices are zsh, bash, fish"],
    ];
    for (const [args, said] of wrong) {
      const typist = new Typist();
      const { code, err, out } = await typist.type(args);
      expect({ args, code, out }).toEqual({ args, code: 2, out: "" });
      expect(err).toContain(said);
      expect(typist.network.asked).toEqual([]);
    }
    const environment = { BALSA_ENDPOINTS: "a b" };
    expect(await new Typist().type(["status"], { environment })).toMatchObject({
      code: 2,
      err: 'balsa: BALSA_ENDPOINTS: "a b" is no host:port',
    });
  });

  test("2: not understood by the node", async () => {
    const refused = await answered(["log", "--limit", "5000"], 400, "invalid_request");
    expect(refused).toMatchObject({ code: 2, out: "" });
    expect(await new Typist().type(["get", "."])).toMatchObject({ code: 2, out: "" });
  });

  test("Ctrl-C: what came of the write is said", async () => {
    const aborter = new AbortController();
    aborter.abort();
    const { signal } = aborter;
    expect(await new Typist().type(["set", "a", "b"], { signal })).toMatchObject({
      code: 1,
      err: "balsa: the caller ended the call",
    });
  });
});

describe("JSON", () => {
  test("every command's answer and error parses", async () => {
    const typist = new Typist();
    const commands = [
      ["set", "name", "balsa"],
      ["get", "name"],
      ["list"],
      ["status"],
      ["log"],
      ["members"],
      ["transfer"],
      ["snapshot"],
      ["delete", "name"],
    ];
    for (const command of commands) {
      const { code, out } = await typist.json(command);
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(out).toBeObject();
    }
    for (const endpoint of [A, B, C]) typist.network.tell(endpoint, "refused");
    for (const command of commands) {
      const failed = await typist.json([...command, "--timeout", "100ms"]);
      expect(failed).toMatchObject({ code: 1, err: { code: "unreachable", retryable: true } });
    }
  });
});

describe("help", () => {
  test("of the whole and of each command, with examples", async () => {
    const typist = new Typist();
    const { code, out } = await typist.type(["--help"]);
    expect(code).toBe(0);
    const names = [...out.matchAll(/^ {2}([a-z]+) .* {2}/gm)].map(([, name]) => name ?? "");
    expect(names).toContain("get");
    expect(names.length).toBeGreaterThan(12);
    for (const name of ["get", "set", "delete", "list", "status", "log", "members", "backup"]) {
      const help = await typist.type([name, "--help"]);
      expect(help.code).toBe(0);
      expect(help.out).toContain(`Examples:\n  balsa ${name}`);
      expect(help.out).toContain("--endpoints");
    }
    expect((await typist.type(["--version"])).out).toBe("1.2.3\n");
  });
});

describe("what the node's own program reads", () => {
  test("goes on as it stands, and ends as that ends", async () => {
    const typist = new Typist();
    const flags = ["--id", "1", "--cluster=1=a:1", "--unknown", "x", "--help"];
    expect((await typist.type(["serve", ...flags])).code).toBe(7);
    await typist.type(["recover", "--data", "data/1", "--yes"]);
    await typist.type(["restore", "--id", "1", "b.backup", "--data", "d"]);
    expect(typist.started).toEqual([
      flags,
      ["recover", "--data", "data/1", "--yes"],
      ["--restore", "b.backup", "--id", "1", "--data", "d"],
    ]);
  });
});
