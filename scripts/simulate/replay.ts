/** One run, told as it happens. */
import { attempt } from "../../test/simulation/attempt";
import { drawScenario } from "../../test/simulation/draw-scenario";
import { readScenario } from "../../test/simulation/scenario-file";
import { Trace } from "../../test/simulation/trace";
import { mutantRecipe } from "./mutant-recipe";

export type Replayed = { readonly seed: string } | { readonly scenario: string };

/** Whether every promise was kept. */
export function replay(what: Replayed, mutant: string | undefined): boolean {
  const scenario = "seed" in what ? drawScenario(what.seed) : readScenario(what.scenario).scenario;
  const trace = new Trace((line) => console.log(line));
  const { setup } = scenario;
  console.log(`${setup.nodes} nodes, ${scenario.actions.length} actions, seed ${scenario.seed}`);
  const { violation, hash, events, atMs } = attempt(scenario, {
    recipe: { ...mutantRecipe(mutant), ...trace.recipe },
    watch: trace.watch,
  });
  const end = violation ? `${violation.invariant}: ${violation.detail}` : "every promise was kept";
  console.log(`\n${end}\n${events} events in ${atMs} ms of virtual time, trace ${hash}`);
  return violation === null;
}
