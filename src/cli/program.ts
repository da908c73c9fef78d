/** The command line, whole: the tree of commands, what all of them take, and how one ends. */
import tab from "@bomb.sh/tab/commander";
import { Command } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import { type ClientOptions, createClient } from "../client/index";
import { parseEndpoints, readDuration, readEndpoints } from "./arguments";
import { addBackup } from "./commands/backup";
import { addClusterCommands } from "./commands/cluster";
import { addInspect } from "./commands/inspect";
import { addKeyCommands } from "./commands/keys";
import { addList } from "./commands/list";
import { addLog } from "./commands/log";
import { addMembers } from "./commands/members";
import { addNodeCommands, type NodeProgram } from "./commands/node";
import { addStatus } from "./commands/status";
import { addWhy } from "./commands/why";
import type { Context, Work } from "./context";
import { EXIT } from "./exit-codes";
import { tellFailure } from "./failure";
import { paintFor } from "./style";
import type { Terminal } from "./terminal";

/** The nodes of the Procfile. */
export const ENDPOINTS_DEFAULT = "127.0.0.1:8081,127.0.0.1:8082,127.0.0.1:8083";

export interface Surroundings {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly node: NodeProgram;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Ms since the epoch. */
  readonly wallMs: () => number;
  /** Resolves after `delayMs`, or at once when the signal is aborted. */
  readonly pause: (delayMs: number) => Promise<void>;
  /** Network, time and chance of the clients; those of the runtime where absent. */
  readonly network?: ClientOptions["surroundings"];
}

/** Does what `args`, without the program's name, ask for; answers the exit code. */
export async function runCommandLine(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { node, terminal } = surroundings;
  const program = baseProgram(surroundings);
  const isJson = () => program.opts().json === true;
  let exitCode: number = EXIT.ok;
  const run = async (work: Work): Promise<void> => {
    exitCode = (await work(contextOf(program.opts(), surroundings))) ?? EXIT.ok;
  };
  addKeyCommands(program, run);
  addList(program, run);
  addStatus(program, run);
  addWhy(program, run);
  addInspect(program, run);
  addLog(program, run);
  addMembers(program, run);
  addClusterCommands(program, run);
  addBackup(program, run);
  addNodeCommands(program, node, {
    args,
    run: async (nodeArgs) => {
      exitCode = await node.run(nodeArgs);
    },
  });
  // The same class at run time; its two typings do not know each other.
  tab(program as unknown as PlainCommand, { completionCommandName: "completion" });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return tellFailure(error, isJson(), terminal);
  }
}

/** What every command takes. */
const baseProgram = ({ terminal, version }: Surroundings) =>
  new Command("balsa")
    .description("A distributed key-value store with Raft consensus.")
    .version(version, "-v, --version", "show the version")
    .helpOption("-h, --help", "show this")
    .option(
      "--endpoints <list>",
      "host:port of nodes, by commas (default: BALSA_ENDPOINTS, or those of npm start)",
      readEndpoints,
    )
    .option(
      "--timeout <duration>",
      "how long a call may take, all tries (default: 10s)",
      readDuration,
    )
    .option("--json", "answers in JSON, errors too")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void terminal.write(text),
      writeErr: (text) => terminal.tell(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error:/, "balsa:")),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => terminal.hasColour,
      getErrHasColors: () => terminal.hasColour,
    })
    .showHelpAfterError("(--help tells more)")
    .exitOverride()
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 failed, 2 not understood, 3 not there, 4 a write may have happened.",
    );

type Globals = ReturnType<ReturnType<typeof baseProgram>["opts"]>;

function contextOf({ endpoints, json, timeout }: Globals, surroundings: Surroundings): Context {
  const { environment, network, pause, signal, terminal, wallMs } = surroundings;
  const asked = endpoints ?? parseEndpoints(environment.BALSA_ENDPOINTS || ENDPOINTS_DEFAULT);
  const clientOf = (...some: readonly string[]) =>
    createClient({
      endpoints: some,
      ...(timeout !== undefined && { timeoutMs: timeout }),
      ...(network !== undefined && { surroundings: network }),
    });
  return {
    client: clientOf(...asked),
    clientOf,
    terminal,
    paint: paintFor(terminal),
    isJson: json === true,
    signal,
    wallMs,
    pause,
  };
}
