/** Lists a chart as a Markdown table: everything each state does, what it ignores included. */
import type { AnyStateMachine, AnyStateNode } from "xstate";
import { namesOf, statesOf, type Transition, transitionsOf } from "./transitions";

const code = (text: string): string => (text === "" ? "" : `\`${text}\``);
const codes = (texts: readonly string[]): string => texts.map(code).join(", ");

export function tabulateChart(machine: AnyStateMachine): string {
  const rows = [...statesOf(machine.root)].flatMap(rowsOf);
  const head = ["state", "on", "if", "does", "goes to"];
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function rowsOf(state: AnyStateNode): readonly (readonly string[])[] {
  const name = code(state.path.join(".") || state.key);
  const { entry, exit } = state.config;
  const transitions = transitionsOf(state);
  const ignored = transitions.filter(isIgnored).map(({ trigger }) => trigger);
  return [
    ...(entry === undefined ? [] : [[name, "*entry*", "", codes(namesOf(entry)), ""]]),
    ...(exit === undefined ? [] : [[name, "*exit*", "", codes(namesOf(exit)), ""]]),
    ...state.invoke.map(({ id, src }) => [
      name,
      "*while here*",
      "",
      `runs ${invoked(id, src)}`,
      "",
    ]),
    ...transitions
      .filter((transition) => !isIgnored(transition))
      .map(({ actions, condition, target, trigger }) => [
        name,
        trigger === "" ? "*at once*" : code(trigger),
        condition === "else" ? "*else*" : code(condition ?? ""),
        actions.length === 0 && target === null ? "*nothing*" : codes(actions),
        target === null ? "" : code(target.path.join(".")),
      ]),
    ...(ignored.length === 0 ? [] : [[name, codes(ignored), "", "*nothing*", ""]]),
  ];
}

/** "`heartbeat`, a `metronome`". */
const invoked = (id: string, src: unknown): string =>
  `${code(id)}, a ${code(typeof src === "string" ? src : "nameless machine")}`;

/** Known, and of no meaning here. */
const isIgnored = ({ actions, condition, target }: Transition): boolean =>
  actions.length === 0 && condition === null && target === null;
