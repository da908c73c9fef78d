import { expect, test } from "bun:test";
import {
  partOf,
  roleSpans,
  ticksOf,
  within,
} from "../../../../src/api/dashboard/page/view/time-line";
import { moved } from "../samples";

const shown = { fromMs: 100, toMs: 200 };
const to = (wallMs: number, state: string, term: number) => moved(1, wallMs, { to: state, term });
const started = (wallMs: number) =>
  moved(1, wallMs, { machine: "recovery", from: null, event: "started", to: "recovered" });
const brief = (spans: ReturnType<typeof roleSpans>) =>
  spans.map(({ fromMs, role, toMs }) => `${role} ${fromMs}-${toMs}`);

test("each role lasts until the next, and the last one until now", () => {
  const turns = [
    to(50, "follower.awaiting", 1),
    to(120, "candidate", 2),
    to(130, "leader.serving", 2),
  ];
  expect(brief(roleSpans(turns, [], shown))).toEqual([
    "follower 100-120",
    "candidate 120-130",
    "leader 130-200",
  ]);
});

test("what moves within a role and a term does not break its band; a new term does", () => {
  const turns = [
    to(110, "follower.leased", 1),
    to(120, "follower.awaiting", 1),
    to(140, "follower.leased", 2),
  ];
  expect(brief(roleSpans(turns, [], shown))).toEqual(["follower 110-140", "follower 140-200"]);
});

test("a killed node's role ends when it fell silent, and it is lost until its next start", () => {
  const turns = [to(50, "leader.serving", 1), started(180), to(181, "follower.awaiting", 1)];
  const silences = [{ fromMs: 150, toMs: 185 }];
  expect(brief(roleSpans(turns, silences, shown))).toEqual([
    "leader 100-150",
    "lost 150-180",
    "follower 181-200",
  ]);
  expect(brief(roleSpans(turns.slice(0, 1), [{ fromMs: 150, toMs: null }], shown))).toEqual([
    "leader 100-150",
    "lost 150-200",
  ]);
});

test("a silence that the same life outlasted took nothing from its role", () => {
  const turns = [to(50, "leader.serving", 1)];
  expect(brief(roleSpans(turns, [{ fromMs: 120, toMs: 130 }], shown))).toEqual(["leader 100-200"]);
});

test("only what is in view is marked, at its place", () => {
  const marks = within([moved(1, 99), moved(1, 100), moved(1, 150), moved(1, 201)], shown);
  expect(marks.map(({ wall_ms: at }) => partOf(at, shown))).toEqual([0, 0.5]);
});

test("ticks are round ages, few enough to be read", () => {
  const ages = (seconds: number) => ticksOf({ fromMs: 0, toMs: seconds * 1_000 });
  expect(ages(30)).toEqual([25_000, 20_000, 15_000, 10_000, 5_000, 0]);
  expect(ages(120)).toEqual([90_000, 60_000, 30_000, 0]);
  expect(ages(600).length).toBeLessThanOrEqual(6);
});
