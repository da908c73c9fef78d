import type { NodeRecipe } from "../../src/simulation/cluster-parts";
import { mutants } from "../../test/simulation/mutants";
import { recipeOf } from "../../test/simulation/mutants/mutant";

/** How nodes with this bug are made; honest ones where there is none. */
export function mutantRecipe(id: string | undefined): Partial<NodeRecipe> {
  const mutant = mutants.find((known) => known.id === id);
  return mutant ? recipeOf(mutant, new Map()) : {};
}
