/** why: why a node is as it is, in sentences. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { WhyAnswer } from "../../client/index";
import { type Context, type Run, say } from "../context";
import { withExamples } from "../examples";
import { hanging } from "../hanging";

/** Adds it to `program`. */
export function addWhy(program: CommandUnknownOpts, run: Run): void {
  const why = program
    .command("why")
    .description("say why there is no leader, why writes wait, what keeps a follower behind")
    .action(() =>
      run(async (context) => {
        const { client, signal } = context;
        const answer = await client.inspection.why({ signal });
        return say(context, answer, () => renderWhy(answer, context));
      }),
    );
  withExamples(why, ["balsa why", "balsa why --endpoints 127.0.0.1:8082", "balsa why --json"]);
}

/** The gravest first, as the node tells it. */
function renderWhy(answer: WhyAnswer, { paint, terminal }: Context): string {
  const { facts, last_election, node, ok, summary } = answer;
  const colour = ok ? "green" : "red";
  const head = hanging(`Node ${node}: `, paint(["bold", colour], summary), terminal);
  const width = Math.max(0, ...facts.map(({ about }) => about.length));
  const told = facts.map((fact) => {
    const sign = fact.ok ? paint("green", "+") : paint("red", "!");
    return hanging(`  ${sign} ${fact.about.padEnd(width)}  `, fact.says, terminal);
  });
  const election = last_election && hanging("\nLast election: ", last_election.says, terminal);
  return `${head}\n${told.join("")}${election ?? ""}`;
}
