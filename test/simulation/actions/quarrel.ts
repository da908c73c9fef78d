import type { ActionKind } from "../scenario";
import { addMember } from "./add-member";
import { handOver } from "./hand-over";
import { promoteMember } from "./promote-member";
import { removeMember } from "./remove-member";

/** How many act at once, at most. */
const OPERATORS_MAX = 4;

const wishes: readonly ActionKind[] = [addMember, removeMember, promoteMember, handOver];

interface Params {
  readonly wishes: readonly { readonly kind: string; readonly params: object }[];
}

/** Several operators want different things of several nodes in the same moment. */
export const quarrel: ActionKind<Params> = {
  name: "quarrel",
  group: "churn",
  draw: (random, plan) => ({
    wishes: Array.from({ length: random.whole(2, OPERATORS_MAX) }, () => {
      const kind = random.pick(wishes);
      return { kind: kind.name, params: kind.draw(random, plan) };
    }),
  }),
  perform(run, params, id) {
    for (const wish of params.wishes) {
      wishes.find(({ name }) => name === wish.kind)?.perform(run, wish.params, id);
    }
  },
};
