/**
 * Draws a chart as a Mermaid `stateDiagram-v2`: its states, and every transition that leads
 * somewhere. Mermaid cannot draw an arrow between states of different boxes, so such an arrow is
 * drawn between the boxes, and its words say where it starts and ends.
 */
import type { AnyStateMachine, AnyStateNode } from "xstate";
import { allTransitions, type Transition, transitionsOf } from "./transitions";

interface Arrow {
  readonly transition: Transition;
  readonly target: AnyStateNode;
  /** Where it is drawn: states of one box, which are or hold its source and its target. */
  readonly from: AnyStateNode;
  readonly to: AnyStateNode;
}

/** The diagram's text, without a code fence around it. */
export function drawChart(machine: AnyStateMachine): string {
  const arrows = allTransitions(machine).flatMap(arrowsOf);
  return ["stateDiagram-v2", ...inside(machine.root, arrows, "  ")].join("\n");
}

function inside(box: AnyStateNode, arrows: readonly Arrow[], indent: string): readonly string[] {
  const children = Object.values(box.states);
  if (box.type === "parallel") {
    return children.flatMap((region, at) => [
      ...(at > 0 ? [`${indent}--`] : []),
      ...drawState(region, arrows, indent),
    ]);
  }
  const first = box.initial?.target?.[0];
  return [
    ...(first === undefined ? [] : [`${indent}[*] --> ${idOf(first)}`]),
    ...children.flatMap((child) => drawState(child, arrows, indent)),
    ...arrowsWithin(box, arrows).map((line) => indent + line),
  ];
}

function drawState(state: AnyStateNode, arrows: readonly Arrow[], indent: string) {
  const title = `${indent}${idOf(state)}: ${state.key}`;
  const end = state.type === "final" ? [`${indent}${idOf(state)} --> [*]`] : [];
  if (Object.keys(state.states).length === 0) return [title, ...end];
  const within = inside(state, arrows, `${indent}  `);
  return [title, `${indent}state ${idOf(state)} {`, ...within, `${indent}}`];
}

/** One line for each pair of states, with the words of all its arrows. */
function arrowsWithin(box: AnyStateNode, arrows: readonly Arrow[]): readonly string[] {
  const here = arrows.filter(({ from }) => from.parent === box);
  const pairs = Map.groupBy(here, ({ from, to }) => `${idOf(from)} --> ${idOf(to)}`);
  return [...pairs].map(([pair, same]) => {
    const words = new Set(same.map((arrow) => wordsOf(arrow, same)));
    return `${pair}: ${[...words].join("<br>")}`;
  });
}

/** None for a transition that stays where it is; from each child for one that goes within. */
function arrowsOf(transition: Transition): readonly Arrow[] {
  const { source, target } = transition;
  if (target === null) return [];
  const box = commonBox(source, target);
  const to = childTowards(box, target);
  const froms = box === source ? Object.values(source.states) : [childTowards(box, source)];
  return froms.map((from) => ({ from, to, target, transition }));
}

function wordsOf({ from, target, to, transition }: Arrow, same: readonly Arrow[]): string {
  const { condition, source, trigger } = transition;
  // Where every branch of a trigger leads the same way, its conditions decide nothing here.
  const branches = transitionsOf(source).filter((branch) => branch.trigger === trigger);
  const isDecided = branches.every((branch) =>
    same.some((arrow) => arrow.target === target && isSame(arrow.transition, branch)),
  );
  const isDrawnFromBox = source.path.length > from.path.length;
  return [
    isDrawnFromBox ? `in ${relative(source, from)}` : "",
    trigger,
    condition === null || (isDecided && branches.length > 1) ? "" : `[${condition}]`,
    target === to ? "" : `→ ${relative(target, to)}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

const isSame = (a: Transition, b: Transition): boolean =>
  a.source === b.source && a.trigger === b.trigger && a.condition === b.condition;

/** The innermost state that holds both; `source` itself where the target is inside it. */
function commonBox(source: AnyStateNode, target: AnyStateNode): AnyStateNode {
  const isInside = (box: AnyStateNode, state: AnyStateNode) =>
    box.path.length < state.path.length && box.path.every((key, at) => state.path[at] === key);
  let box = source;
  while (!isInside(box, target) && box.parent) box = box.parent;
  return box;
}

/** The state directly in `box` that is, or holds, `state`. */
function childTowards(box: AnyStateNode, state: AnyStateNode): AnyStateNode {
  let child = state;
  while (child.parent && child.parent !== box) child = child.parent;
  return child;
}

const idOf = (state: AnyStateNode): string => state.path.join("_");

const relative = (state: AnyStateNode, box: AnyStateNode): string =>
  state.path.slice(box.path.length).join(".");
