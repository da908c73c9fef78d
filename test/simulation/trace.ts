/** A run as a person reads it: who did what, when, in which state, in Raft's words. */
import type { LogFacts } from "../../src/actors/logger";
import type { NodeRecipe } from "../../src/simulation/cluster-parts";
import type { SimulatedNode } from "../../src/simulation/node";
import type { SentMessage } from "../../src/simulation/observer";
import type { Run } from "./run";

/** Column widths. Units: characters. */
const TIME_WIDTH = 12;
const WHO_WIDTH = 26;

const stateOf = ({ running }: SimulatedNode): string => {
  if (!running) return "down";
  const { state, term } = running.actor.raft.standing;
  return `${state} of term ${term}`;
};

const told = (facts: object): string =>
  Object.entries(facts)
    .map(([name, fact]) => `${name} ${typeof fact === "object" ? JSON.stringify(fact) : fact}`)
    .join(", ");

/** Writes lines as things happen. */
export class Trace {
  #run: Run | null = null;
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** What nodes say themselves is part of the story. */
  readonly recipe: Partial<NodeRecipe> = {
    onLogLine: (node, level, message, facts: LogFacts) =>
      this.#tell(node, `${level === "info" ? "" : `${level}: `}${message} (${told(facts)})`),
  };

  readonly watch = (run: Run): void => {
    this.#run = run;
    run.onAction = ({ id, kind, params }) =>
      this.#line("somebody", `${kind} #${id}: ${told(params)}`);
    run.cluster.observe({
      onBooted: (node) => this.#tell(node, `starts with ${node.witness.lastIndex} entries`),
      onEnded: (node, end) =>
        this.#tell(node, end.kind === "stopped" ? `stops: ${end.reason}` : `ends: ${end.kind}`),
      onAppended: (node, entries, replaced) =>
        this.#tell(
          node,
          `appends ${entries[0]?.index}…${entries.at(-1)?.index} of term ${entries.at(-1)?.term}` +
            (replaced > 0 ? `, in place of ${replaced}` : ""),
        ),
      onSent: (sender, sent) => this.#onSent(sender, sent),
      onChanged: (node, after, before) => {
        if (before === null || after.commitIndex === before.commitIndex) return;
        this.#tell(node, `commits up to ${after.commitIndex}`);
      },
    });
  };

  /** Heartbeats and their answers say nothing new. */
  #onSent(sender: SimulatedNode, { decoded, to }: SentMessage): void {
    if (decoded.kind !== "raft") {
      const what = decoded.kind === "request" ? decoded.request.type : decoded.answer.type;
      this.#tell(sender, `→ ${to} ${decoded.kind} ${decoded.id}: ${what}`);
      return;
    }
    const { type, ...message } = decoded.message;
    if (type === "AppendEntries" && "entries" in message) {
      const { entries, confirmedAgeMs, ...header } = message;
      const [first] = entries;
      if (first === undefined) return;
      this.#tell(
        sender,
        `→ ${to} ${type} ${first.index}…${entries.at(-1)?.index}, ${told(header)}`,
      );
    } else if (!("accepted" in message && message.accepted)) {
      this.#tell(sender, `→ ${to} ${type} ${told(message)}`);
    }
  }

  #tell(node: SimulatedNode, what: string): void {
    this.#line(`${node.id} ${stateOf(node)}`, what);
  }

  #line(who: string, what: string): void {
    const time = (this.#run?.cluster.clock.nowMs ?? 0).toFixed(3).padStart(TIME_WIDTH);
    this.#write(`${time}  ${who.padEnd(WHO_WIDTH)}  ${what}`);
  }
}
