/** transfer, snapshot: what an operator has the cluster do. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { readPositive } from "../arguments";
import { type Run, say } from "../context";
import { withExamples } from "../examples";
import { sized } from "../wording";

/** Adds them to `program`. */
export function addClusterCommands(program: CommandUnknownOpts, run: Run): void {
  const transfer = program
    .command("transfer")
    .description("have another voter lead")
    .argument("[node]", "its id; the best voter where absent", readPositive)
    .action((node) =>
      run(async (context) => {
        const { client, signal } = context;
        const answer = await client.transferLeadership(node ?? null, { signal });
        return say(context, answer, () => `node ${answer.leader_id} leads\n`);
      }),
    );
  withExamples(transfer, ["balsa transfer", "balsa transfer 3"]);

  const snapshot = program
    .command("snapshot")
    .description("have a node take a snapshot now")
    .action(() =>
      run(async (context) => {
        const { client, signal } = context;
        const answer = await client.snapshot({ signal });
        const { bytes, index, node, term } = answer;
        return say(
          context,
          answer,
          () =>
            `node ${node} has a snapshot of ${sized(bytes)} at entry ${index} of term ${term}\n`,
        );
      }),
    );
  withExamples(snapshot, ["balsa snapshot", "balsa snapshot --endpoints 127.0.0.1:8082"]);
}
