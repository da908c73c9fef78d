/** A transition as a line of the story. */
import type { Transition } from "../client/index";
import type { Context } from "./context";
import { hanging } from "./hanging";
import type { Paint } from "./style";

/** `acceptance/2`, the longest in a cluster of nine. */
const MACHINE_COLUMNS = 12;

/** When, where, what, and why. */
export function transitionLine(
  { machine, node, reason, term, to, wall_ms }: Transition,
  { paint, terminal }: Pick<Context, "paint" | "terminal">,
): string {
  const head = [
    paint("dim", timeOf(wall_ms)),
    paint(NODE_COLOURS[node % NODE_COLOURS.length] ?? "white", `${node}`),
    machine.padEnd(MACHINE_COLUMNS),
  ];
  const state = to === null ? paint("dim", "gone") : paintState(paint, machine, to);
  const inTerm = machine === "raft" ? ` in term ${term}` : "";
  return hanging(`${head.join("  ")}  `, `${state}${inTerm}: ${reason}`, terminal);
}

/** Nodes are told apart at a glance. */
const NODE_COLOURS = ["magenta", "cyan", "yellow", "blue", "green"] as const;

/** The protocol's roles stand out; the rest is told plainly. */
function paintState(paint: Paint, machine: string, state: string): string {
  if (machine !== "raft") return state;
  if (state.startsWith("leader")) return paint(["bold", "green"], state);
  return /candidate/i.test(state) ? paint(["bold", "yellow"], state) : paint("bold", state);
}

/** The reader's own time of day, to the millisecond. */
export function timeOf(wallMs: number): string {
  const at = new Date(wallMs);
  const digits = (value: number, count: number) => `${value}`.padStart(count, "0");
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => digits(part, 2));
  return `${clock.join(":")}.${digits(at.getMilliseconds(), 3)}`;
}
