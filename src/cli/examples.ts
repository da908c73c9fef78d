/** Examples at the end of a command's help. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";

export function withExamples(command: CommandUnknownOpts, examples: readonly string[]): void {
  const lines = examples.map((example) => `  ${example}`);
  command.addHelpText("after", ["", "Examples:", ...lines].join("\n"));
}
