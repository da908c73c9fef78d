/** inspect: what the machines of all nodes do, as one story; or where they stand. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import {
  type Client,
  type Followed,
  type InspectAnswer,
  isClientError,
  type Transition,
} from "../../client/index";
import { readPositive } from "../arguments";
import { type Context, type Run, say } from "../context";
import { withExamples } from "../examples";
import { EXIT, type ExitCode } from "../exit-codes";
import { type Column, renderTable } from "../table";
import { transitionLine } from "../transition-line";
import { ago } from "../wording";

/** Transitions of each node's past that are told first, where nobody says how many. */
const TAIL_DEFAULT = 10;
/** The most on a page. */
const TAIL_MAX = 1_000;

/** How long a node is waited for before the others' story begins. Units: ms. */
const PAST_MS_MAX = 1_000;

/** Adds it to `program`. */
export function addInspect(program: CommandUnknownOpts, run: Run): void {
  const inspect = program
    .command("inspect")
    .description("follow what the machines of every node do, and why, until Ctrl-C")
    .argument("[machine]", "raft, or replicator/2, or replicator for all of a kind; all if absent")
    .option("--tail <count>", `of each node's past, up to 1000; ${TAIL_DEFAULT}`, readPositive)
    .option("--once", "the past alone")
    .option("--states", "instead: where every machine stands now")
    .action((machine, { once, states, tail }) =>
      run(async (context) => {
        const clients = context.client.endpoints.map((endpoint) => context.clientOf(endpoint));
        if (states === true) return tellStates(context, clients);
        const wanted = machine === undefined ? {} : { machine };
        const count = Math.min(tail ?? TAIL_DEFAULT, TAIL_MAX);
        const pasts = await Promise.all(
          clients.map((client) => pastOf(client, { ...wanted, count }, context)),
        );
        const items = pasts.flatMap((past) => past.items);
        for (const item of items.toSorted((a, b) => a.wall_ms - b.wall_ms)) {
          await tell(context, item);
        }
        if (once === true)
          return pasts.some(({ nextFrom }) => nextFrom !== null) ? EXIT.ok : EXIT.failed;
        await Promise.all(pasts.map((past) => followOn(context, past, wanted)));
        return EXIT.ok;
      }),
    );
  withExamples(inspect, [
    "balsa inspect",
    "balsa inspect raft --tail 50 --once",
    "balsa inspect --states",
    "balsa inspect raft --json | jq .reason",
  ]);
}

/** What a node has done, and where its story goes on. */
interface Past {
  readonly client: Client;
  readonly items: readonly Transition[];
  /** null for a node that did not answer: then what happens from `sinceMs` on. */
  readonly nextFrom: number | null;
  readonly sinceMs: number;
}

async function pastOf(
  client: Client,
  { count, machine }: { readonly machine?: string; readonly count: number },
  { signal, terminal, wallMs }: Context,
): Promise<Past> {
  const asked = { ...(machine !== undefined && { machine }), timeoutMs: PAST_MS_MAX, signal };
  const sinceMs = wallMs();
  try {
    const { first_seq, last_seq } = await client.inspection.machines(asked);
    // Those of one machine may lie anywhere among what is kept.
    let nextFrom = machine === undefined ? Math.max(first_seq, last_seq - count + 1) : first_seq;
    const items: Transition[] = [];
    do {
      const page = await client.inspection.transitions({
        ...asked,
        from: nextFrom,
        limit: TAIL_MAX,
      });
      items.push(...page.items);
      nextFrom = page.next_from;
    } while (nextFrom <= last_seq);
    return { client, items: items.slice(-count), nextFrom, sinceMs };
  } catch (error) {
    if (!isClientError(error) || error.code === "invalid_request") throw error;
    terminal.tell(`balsa: ${error.message}`);
    return { client, items: [], nextFrom: null, sinceMs };
  }
}

async function tell(context: Context, transition: Transition): Promise<void> {
  const { isJson, terminal } = context;
  const line = isJson ? `${JSON.stringify(transition)}\n` : transitionLine(transition, context);
  await terminal.write(line);
}

/** One node's story from now on; what befalls the stream is said on the other stream, once. */
async function followOn(
  context: Context,
  { client, nextFrom, sinceMs }: Past,
  wanted: { readonly machine?: string },
): Promise<void> {
  const { paint, signal, terminal } = context;
  const [endpoint = ""] = client.endpoints;
  const note = (what: string) => terminal.tell(paint("dim", `balsa: ${endpoint} ${what}`));
  const options = { ...wanted, ...(nextFrom !== null && { from: nextFrom }), signal };
  let isLost = nextFrom === null;
  for await (const followed of client.inspection.follow(options)) {
    switch (followed.kind) {
      case "transition": {
        const isNews = nextFrom !== null || followed.transition.wall_ms >= sinceMs;
        if (isNews) await tell(context, followed.transition);
        break;
      }
      case "gap":
        note(whatIsMissing(followed));
        break;
      case "opened":
        if (isLost) note(`answers: node ${followed.node}`);
        isLost = false;
        break;
      case "lost":
        if (!isLost) note(`is lost: ${followed.reason}`);
        isLost = true;
    }
  }
}

/** Numbers that were never given out are those of a life that the node has forgotten. */
const whatIsMissing = ({ first_seq, from }: Extract<Followed, { kind: "gap" }>): string =>
  from < first_seq
    ? `keeps nothing from ${from} to ${first_seq - 1} any more`
    : `has begun anew: it knows nothing of ${from} any more`;

type Standing = InspectAnswer["machines"][number] & { readonly node: number };

const COLUMNS: readonly Column<Standing>[] = [
  { heading: "NODE", cell: ({ node }) => `${node}`, isNumber: true },
  { heading: "MACHINE", cell: ({ machine }) => machine },
  { heading: "STATE", cell: ({ state }) => state },
  { heading: "FOR", cell: ({ in_state_ms }) => ago(in_state_ms), isNumber: true },
  { heading: "KNOWS", cell: ({ context }) => knowledge(context) },
];

/** What is small, in the order it is told. */
const knowledge = (context: Readonly<Record<string, unknown>>): string =>
  Object.entries(context)
    .filter(([, value]) => value !== null && (!Array.isArray(value) || value.length > 0))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");

async function tellStates(context: Context, clients: readonly Client[]): Promise<ExitCode> {
  const { signal, terminal } = context;
  const looks = await Promise.allSettled(
    clients.map((client) => client.inspection.machines({ timeoutMs: PAST_MS_MAX, signal })),
  );
  const answers: InspectAnswer[] = [];
  for (const look of looks) {
    if (look.status === "fulfilled") answers.push(look.value);
    else if (isClientError(look.reason)) terminal.tell(`balsa: ${look.reason.message}`);
    else throw look.reason;
  }
  await say(context, { nodes: answers }, () => {
    const rows = answers.flatMap(({ machines, node }) =>
      machines.map((machine) => ({ ...machine, node })),
    );
    return renderTable(rows, COLUMNS, context);
  });
  return answers.length > 0 ? EXIT.ok : EXIT.failed;
}
