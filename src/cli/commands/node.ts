/** serve, restore, recover: a node runs or is mended, by a program that reads its own flags. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { withExamples } from "../examples";

/** A flag that the node's program takes: named here for help and completion. */
export interface NodeFlag {
  readonly name: string;
  readonly meaning: string;
  /** It takes no value. */
  readonly isSwitch?: boolean;
}

/** The program of a node: it reads its own flags, and ends by itself. */
export interface NodeProgram {
  readonly serveFlags: readonly NodeFlag[];
  readonly recoverFlags: readonly NodeFlag[];
  /** `args` as `bun src/main.ts` takes them; answers the exit code, if it ends by itself at all. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** The line as it was typed, and who takes it further. */
export interface Passage {
  /** Without the program's name. */
  readonly args: readonly string[];
  readonly run: (args: readonly string[]) => Promise<void>;
}

/** Adds them to `program`. */
export function addNodeCommands(
  program: CommandUnknownOpts,
  node: NodeProgram,
  { args, run }: Passage,
): void {
  const founders = '"1=127.0.0.1:9081,2=127.0.0.1:9082,3=127.0.0.1:9083"';
  const serve = passedOn(program, "serve", node.serveFlags)
    .description("run one node")
    .helpOption(false)
    .action(() => run(after(args, "serve")));
  withExamples(serve, [`balsa serve --id 1 --cluster ${founders} --api 127.0.0.1:8081`]);

  const restore = passedOn(program, "restore", node.serveFlags)
    .description("run a founder of a new cluster, which begins with a backup")
    .argument("<file>", "the backup, the same for every founder")
    .action((file) => {
      const rest = after(args, "restore");
      const at = rest.indexOf(String(file));
      return run(["--restore", String(file), ...rest.toSpliced(at, 1)]);
    });
  withExamples(restore, [`balsa restore balsa.backup --id 1 --cluster ${founders}`]);

  passedOn(program, "recover", node.recoverFlags)
    .description("make a surviving node the only voter, when a majority is lost for good")
    .helpOption(false)
    .action(() => run(["recover", ...after(args, "recover")]));
}

/** A command whose line goes on as it stands: what is wrong with it is not ours to say. */
function passedOn(program: CommandUnknownOpts, command: string, flags: readonly NodeFlag[]) {
  const passed = program.command(command).allowUnknownOption().allowExcessArguments();
  for (const { isSwitch, meaning, name } of flags) {
    passed.option(isSwitch ? `--${name}` : `--${name} <value>`, meaning);
  }
  return passed;
}

const after = (args: readonly string[], command: string): readonly string[] =>
  args.slice(args.indexOf(command) + 1);
