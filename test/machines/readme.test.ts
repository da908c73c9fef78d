/** The machines' own page: its charts are the machines', its tables leave nothing out. */
import { describe, expect, test } from "bun:test";
import { createMachine } from "xstate";
import { readmePath, withCharts } from "../../scripts/chart";
import { charts } from "../../src/machines/chart/charts";
import { drawChart } from "../../src/machines/chart/mermaid";
import { tabulateChart } from "../../src/machines/chart/table";
import type { RaftEffect } from "../../src/machines/raft/vocabulary";
import type { RaftMessage } from "../../src/messages";

const page = await Bun.file(readmePath).text();

const messages = Object.keys({
  PreVote: true,
  PreVoteReply: true,
  RequestVote: true,
  RequestVoteReply: true,
  AppendEntries: true,
  AppendEntriesReply: true,
  InstallSnapshot: true,
  InstallSnapshotReply: true,
  TimeoutNow: true,
} satisfies Record<RaftMessage["type"], true>);

const effects = Object.keys({
  persistHardState: true,
  send: true,
  appendDrafts: true,
  appendEntries: true,
  clearForgotten: true,
  receiveChunk: true,
  abandonSnapshot: true,
  installSnapshot: true,
  cutLog: true,
  applyCommitted: true,
  declineProposals: true,
  confirmRead: true,
  declineRead: true,
  openRound: true,
  confirmRound: true,
  takeOffice: true,
  leaveOffice: true,
  changeAppended: true,
  declineChange: true,
} satisfies Record<RaftEffect["type"], true>);

/** The first cells of the table under a heading. */
function tableUnder(heading: string): string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name ?? "");
}

describe("src/machines/README.md", () => {
  test("shows the charts as they are (npm run chart)", () => expect(withCharts(page)).toBe(page));
  test("would be told if one had drifted", () => {
    const drifted = page.replace("follower --> candidate", "follower --> leader");
    expect(drifted).not.toBe(page);
    expect(withCharts(drifted)).toBe(page);
  });
  test("has a place for every chart", () => {
    for (const name of Object.keys(charts)) {
      expect(() => withCharts(page.replace(`<!-- chart: ${name} -->`, ""))).toThrow(name);
    }
  });
  test("lists every message and every effect", () => {
    expect(tableUnder("Messages").sort()).toEqual(messages.sort());
    expect(tableUnder("Effects").sort()).toEqual(effects.sort());
  });
});

/** One of everything that a drawing must tell apart. */
const sample = createMachine({
  id: "sample",
  initial: "box",
  states: {
    box: {
      initial: "first",
      entry: "greet",
      states: {
        first: {
          after: { patience: [{ guard: "isReady", target: "second" }, { target: "#sample.end" }] },
        },
        second: { on: { back: "first", stay: { actions: "count" }, known: {} } },
      },
      on: {
        restart: ".first",
        leave: [{ guard: "isEasy", target: "pair", actions: "wave" }, { target: "pair" }],
      },
    },
    pair: {
      type: "parallel",
      invoke: { id: "beat", src: "metronome" },
      always: { guard: "isOver", target: "end" },
      states: {
        left: { initial: "calm", states: { calm: { on: { jump: "#sample.box.second" } } } },
        right: { initial: "calm", states: { calm: {} } },
      },
    },
    end: { type: "final" },
  },
});

describe("a drawn chart", () => {
  test("has every state and every transition that leads somewhere", () => {
    expect(drawChart(sample)).toBe(`stateDiagram-v2
  [*] --> box
  box: box
  state box {
    [*] --> box_first
    box_first: first
    box_second: second
    box_first --> box_first: restart
    box_second --> box_first: restart<br>back
    box_first --> box_second: after patience [isReady]
  }
  pair: pair
  state pair {
    pair_left: left
    state pair_left {
      [*] --> pair_left_calm
      pair_left_calm: calm
    }
    --
    pair_right: right
    state pair_right {
      [*] --> pair_right_calm
      pair_right_calm: calm
    }
  }
  end: end
  end --> [*]
  box --> pair: leave
  box --> end: in first after patience [else]
  pair --> end: [isOver]
  pair --> box: in left.calm jump → second`);
  });

  test("is listed whole: entries, branches, what stays and what is ignored", () => {
    expect(tabulateChart(sample)).toBe(`| state | on | if | does | goes to |
| --- | --- | --- | --- | --- |
| \`box\` | *entry* |  | \`greet\` |  |
| \`box\` | \`restart\` |  |  | \`box.first\` |
| \`box\` | \`leave\` | \`isEasy\` | \`wave\` | \`pair\` |
| \`box\` | \`leave\` | *else* |  | \`pair\` |
| \`box.first\` | \`after patience\` | \`isReady\` |  | \`box.second\` |
| \`box.first\` | \`after patience\` | *else* |  | \`end\` |
| \`box.second\` | \`back\` |  |  | \`box.first\` |
| \`box.second\` | \`stay\` |  | \`count\` |  |
| \`box.second\` | \`known\` |  | *nothing* |  |
| \`pair\` | *while here* |  | runs \`beat\`, a \`metronome\` |  |
| \`pair\` | *at once* | \`isOver\` |  | \`end\` |
| \`pair.left.calm\` | \`jump\` |  |  | \`box.second\` |`);
  });
});
