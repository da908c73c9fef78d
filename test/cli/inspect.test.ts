/** inspect and why: what machines do, and why a node is as it is. */
import { describe, expect, test } from "bun:test";
import { timeOf } from "../../src/cli/transition-line";
import type { Transition } from "../../src/client";
import { answerOf, type Behaviour } from "../client/fake-network";
import { streaming, told, transition } from "../client/scripted-stream";
import { Typist } from "./command-line";

const [A, B, C] = [1, 2, 3].map((at) => `http://127.0.0.1:808${at}`) as [string, string, string];

/** A node with a past, and streams of what comes after it, one after the other. */
function nodeWith(node: number, past: readonly Transition[], ...streams: Behaviour[]): Behaviour {
  const waiting = [...streams];
  const last_seq = past.at(-1)?.seq ?? 0;
  return (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const json = { "content-type": "application/json", "x-balsa-node": `${node}` };
    if (pathname === "/v1/inspect") {
      return answerOf(200, { node, first_seq: 1, last_seq, machines: [] }, json);
    }
    if (request.headers.get("accept") !== "text/event-stream") {
      const from = Number(searchParams.get("from"));
      const wanted = searchParams.get("machine");
      const limit = Number(searchParams.get("limit"));
      const items = past
        .filter(({ machine, seq }) => seq >= from && (wanted ?? machine) === machine)
        .slice(0, limit);
      const next_from = items.length === limit ? (items.at(-1)?.seq ?? 0) + 1 : last_seq + 1;
      return answerOf(200, { items, next_from, first_seq: 1, last_seq }, json);
    }
    const next = waiting.shift() ?? streaming(node, [], "is silent");
    if (typeof next !== "function") throw new Error("streams are scripted here");
    return next(request);
  };
}

describe("inspect", () => {
  const leads = { to: "leader.serving", reason: "won term 7 with 2 of 3 votes" };

  test("the past of all nodes in the order of time, each line with its reason", async () => {
    const typist = new Typist();
    typist.network.tell(A, nodeWith(1, [transition(1, 5, 1_000), transition(1, 6, 3_000, leads)]));
    typist.network.tell(B, nodeWith(2, [transition(2, 9, 2_000, { machine: "link/1", to: null })]));
    typist.network.tell(C, "refused");
    const { code, err, out } = await typist.type(["inspect", "--once"]);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        `${timeOf(1_000)}  1  raft          preCandidate in term 7: heard no leader for 612 ms`,
        `${timeOf(2_000)}  2  link/1        gone: heard no leader for 612 ms`,
        `${timeOf(3_000)}  1  raft          leader.serving in term 7: won term 7 with 2 of 3 votes`,
        "",
      ].join("\n"),
    );
    expect(err).toBe(`balsa: nobody can be reached: ${C} (connection refused)`);
  });

  test("on a terminal reasons are wrapped beside their state; colour is colour only", async () => {
    const typist = new Typist();
    typist.network.tell(A, nodeWith(1, [transition(1, 5, 1_000)]));
    for (const endpoint of [B, C]) typist.network.tell(endpoint, "refused");
    const { out } = await typist.type(["inspect", "--once"], { columns: 69, hasColour: true });
    const lines = Bun.stripANSI(out).split("\n");
    expect(lines).toEqual([
      `${timeOf(1_000)}  1  raft          preCandidate in term 7: heard no`,
      `${" ".repeat(31)}leader for 612 ms`,
      "",
    ]);
    expect(out).not.toBe(Bun.stripANSI(out));
  });

  test("so much of the past as is asked for, of the machine that is asked for", async () => {
    const typist = new Typist();
    for (const endpoint of [A, B, C]) {
      // A link that comes and goes must not crowd out what was asked for.
      const past = Array.from({ length: 3_000 }, (_, at) =>
        transition(1, at + 1, at, at % 100 === 0 ? {} : { machine: "link/2" }),
      );
      typist.network.tell(endpoint, nodeWith(1, past));
    }
    const { out } = await typist.type(["inspect", "raft", "--once", "--tail", "4", "--json"]);
    const seqs = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).seq);
    expect(seqs).toEqual([2601, 2701, 2801, 2901].flatMap((seq) => [seq, seq, seq]));
    const all = await typist.type(["inspect", "--once", "--tail", "2", "--json"]);
    expect(all.out.match(/"seq":\d+/g)?.toSorted()).toEqual(
      [2999, 3000].flatMap((seq) => Array(3).fill(`"seq":${seq}`)),
    );
    // The end of all is found without reading what comes before it.
    expect(typist.network.asked.at(-1)).toContain("transitions?from=2999&");
  });

  test("then what comes, through the end of a stream, until Ctrl-C", async () => {
    const typist = new Typist();
    const aborter = new AbortController();
    const first = streaming(1, [told(transition(1, 6, 2_000))], "breaks");
    const second = streaming(1, [told(transition(1, 7, 3_000, leads))], "is silent");
    typist.network.tell(A, nodeWith(1, [transition(1, 5, 1_000)], first, second));
    const { code, err, out } = await typist.type(["inspect", "--endpoints", A], {
      signal: aborter.signal,
      onWrite: (said) => {
        if (said.includes("leader.serving")) aborter.abort();
      },
    });
    expect(code).toBe(0);
    expect(out.split("\n").map((line) => line.slice(0, 12))).toEqual(
      [1_000, 2_000, 3_000].map(timeOf).concat(""),
    );
    expect(err).toBe(`balsa: ${A} is lost: the connection broke\nbalsa: ${A} answers: node 1`);
  });

  test("what is missing is said: no longer kept, or of a life that is forgotten", async () => {
    const gap = (from: number, first_seq: number) =>
      `event: gap\ndata: ${JSON.stringify({ from, first_seq })}\n\n`;
    const typist = new Typist();
    const aborter = new AbortController();
    const story = [gap(8, 20), gap(100, 1), told(transition(1, 1, 9_000))];
    const past = [transition(1, 5, 1_000)];
    typist.network.tell(A, nodeWith(1, past, streaming(1, story, "is silent")));
    const { err } = await typist.type(["inspect", "--endpoints", A], {
      signal: aborter.signal,
      onWrite: (said) => {
        if (said.startsWith(timeOf(9_000))) aborter.abort();
      },
    });
    expect(err.split("\n")).toEqual([
      `balsa: ${A} keeps nothing from 8 to 19 any more`,
      `balsa: ${A} has begun anew: it knows nothing of 100 any more`,
    ]);
  });

  test("nobody there: a past that cannot be told is a failure", async () => {
    const typist = new Typist();
    for (const endpoint of [A, B, C]) typist.network.tell(endpoint, "refused");
    expect((await typist.type(["inspect", "--once"])).code).toBe(1);
    expect((await typist.type(["inspect", "--states"])).code).toBe(1);
  });

  test("where every machine stands, of each node that answers", async () => {
    const typist = new Typist();
    typist.network.tell(B, "refused");
    const { code, err, out } = await typist.type(["inspect", "--states"], { columns: 80 });
    expect(code).toBe(0);
    expect(err).toContain(B);
    const [heading, ...rows] = out.trimEnd().split("\n");
    expect(heading).toMatch(/^NODE {2}MACHINE +STATE +FOR {2}KNOWS$/);
    expect(rows.filter((row) => row.includes("  recovery  ")).length).toBe(2);
    expect(Math.max(...rows.map((row) => Bun.stringWidth(row)))).toBeLessThanOrEqual(80);
    const { nodes } = JSON.parse((await typist.type(["inspect", "--states", "--json"])).out);
    expect(nodes.length).toBe(2);
    expect(nodes[0].machines[0].machine).toBeString();
  });
});

describe("why", () => {
  test("a sentence, its facts, the last election", async () => {
    const typist = new Typist();
    const { code, out } = await typist.type(["why"], { columns: 80 });
    expect(code).toBe(0);
    const { facts, summary } = (await typist.json(["why"])).out;
    expect(out.replaceAll(/\n? +/g, " ")).toStartWith(`Node 1: ${summary}`);
    for (const { about, says } of facts) {
      expect(out).toContain(about);
      expect(out.replaceAll(/\n? +/g, " ")).toContain(says);
    }
    const widths = out.split("\n").map((line) => Bun.stringWidth(line));
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });
});
