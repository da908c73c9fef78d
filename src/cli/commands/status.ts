/** status: how everyone is, once or again and again. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { isClientError, type StatusAnswer } from "../../client/index";
import { readDuration } from "../arguments";
import { type Context, type Run, say } from "../context";
import { withExamples } from "../examples";
import type { Paint } from "../style";
import { type Column, renderTable } from "../table";
import { ago } from "../wording";

/** How often `--watch` looks where it is not told. Units: ms. */
const WATCH_MS_DEFAULT = 1_000;

/** How long one look may take before it is said that nobody answers. Units: ms. */
const LOOK_MS_MAX = 2_000;

/** Adds it to `program`. */
export function addStatus(program: CommandUnknownOpts, run: Run): void {
  const status = program
    .command("status")
    .description("show every node's role, progress and health")
    .option("--watch [interval]", "again and again, every second or so often", readDuration)
    .action(({ watch }) =>
      run((context) => {
        if (watch === undefined) return tellOnce(context);
        return tellAgain(context, watch === true ? WATCH_MS_DEFAULT : watch);
      }),
    );
  withExamples(status, [
    "balsa status",
    "balsa status --watch",
    "balsa status --json | jq .leader",
  ]);
}

async function tellOnce(context: Context): Promise<undefined> {
  const { client, signal } = context;
  const status = await client.status({ signal });
  return say(context, status, () => renderStatus(status, context));
}

/** To the upper left corner; what stood there is written over, so that nothing flickers. */
const HOME = "\u001b[H";
/** What is left of this line; what is left of the screen. */
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
/** The whole screen, once at the start. */
const CLEAR = "\u001b[2J";

async function tellAgain(context: Context, intervalMs: number): Promise<undefined> {
  const { isJson, pause, signal, terminal } = context;
  const isScreen = terminal.isInteractive && !isJson;
  if (isScreen) await terminal.write(CLEAR);
  while (!signal.aborted) {
    const text = await lookAgain(context);
    if (signal.aborted) return;
    await terminal.write(isScreen ? onScreen(text, terminal.rows) : text);
    await pause(intervalMs);
  }
}

/** A cluster that does not answer is what one watches for: that is said, and asked again. */
async function lookAgain(context: Context): Promise<string> {
  const { client, isJson, paint, signal } = context;
  try {
    const status = await client.status({ timeoutMs: LOOK_MS_MAX, signal });
    return isJson ? `${JSON.stringify(status)}\n` : `${renderStatus(status, context)}\n`;
  } catch (error) {
    if (!isClientError(error)) throw error;
    const { code, facts } = error;
    return isJson ? `${JSON.stringify({ code, ...facts })}\n` : `${paint("red", facts.detail)}\n`;
  }
}

function onScreen(text: string, rows: number): string {
  const lines = text.split("\n").slice(0, rows - 1);
  return HOME + lines.map((line) => line + CLEAR_LINE).join("\n") + CLEAR_BELOW;
}

type NodeStatus = StatusAnswer["nodes"][number];

/** A status in words and a table. */
export function renderStatus(
  status: StatusAnswer,
  look: Pick<Context, "paint" | "terminal">,
): string {
  const { paint } = look;
  const { cluster_id, leader, nodes, quorum, term } = status;
  const led =
    leader === null
      ? paint(["bold", "red"], `No leader in term ${term}`)
      : `${paint("bold", `Node ${leader.id} leads`)} in term ${term}`;
  const { needed, reachable, voters: all } = quorum;
  const hasQuorum = reachable >= needed;
  const voters = `${reachable} of ${all} voters reachable, ${needed} needed`;
  const counted = hasQuorum ? voters : paint("red", voters);
  const head = `${led}; ${counted}; cluster ${cluster_id.slice(0, 8)}\n\n`;
  return head + renderTable(nodes, columnsFor(paint, leader?.id ?? null), look);
}

function columnsFor(paint: Paint, leaderId: number | null): readonly Column<NodeStatus>[] {
  const number = (heading: string, of: (node: NodeStatus) => number | null) => ({
    heading,
    isNumber: true,
    cell: (node: NodeStatus) => `${of(node) ?? "-"}`,
  });
  const bySight = (text: string, { healthy, id }: NodeStatus) => {
    if (!healthy) return paint("red", text);
    return id === leaderId ? paint(["bold", "green"], text) : paint("green", text);
  };
  return [
    number("NODE", ({ id }) => id),
    { heading: "ROLE", cell: roleOf, paint: bySight },
    number("TERM", ({ term }) => term),
    number("LAST", ({ last_log_index }) => last_log_index),
    number("COMMIT", ({ commit_index }) => commit_index),
    number("APPLIED", ({ applied_index }) => applied_index),
    number("SNAP", ({ snapshot_index }) => snapshot_index),
    { heading: "HEARD", isNumber: true, cell: heard, paint: bySight },
    { heading: "ADDRESS", cell: ({ address, peer_address }) => address ?? `peer ${peer_address}` },
  ];
}

function roleOf({ installing, role, voter }: NodeStatus): string {
  if (installing !== undefined) {
    const { received_bytes, total_bytes } = installing;
    return `Loading ${Math.floor((100 * received_bytes) / Math.max(1, total_bytes))}%`;
  }
  if (role === null) return "unknown";
  return voter ? role : "Learner";
}

const heard = ({ last_contact_ms }: NodeStatus): string =>
  last_contact_ms === null ? "never" : ago(last_contact_ms);
