import { OPERATOR_TIMEOUTS_MS } from "../operators";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  /** Who is asked. */
  readonly node: Target;
  /** Another than those who have come and are no members yet. */
  readonly isNew: boolean;
  readonly stays: boolean;
  /** When the newcomer starts, seen from when it is added. */
  readonly starts: "before" | "after" | "never";
  readonly startMs: number;
  readonly timeoutMs: number;
}

/** An operator adds a node that has started with a blank disk, is about to, or never does. */
export const addMember: ActionKind<Params> = {
  name: "addMember",
  group: "churn",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    isNew: random.chance(0.5),
    stays: random.chance(0.15),
    starts: random.pick(["before", "before", "after", "after", "never"] as const),
    startMs: Math.round(random.exponential(300)),
    timeoutMs: random.pick(OPERATOR_TIMEOUTS_MS),
  }),
  perform(run, { node, isNew, stays, starts, startMs, timeoutMs }) {
    const [waiting] = run.outsiders();
    const newcomer = (isNew ? null : waiting) ?? run.recruit() ?? waiting;
    if (!newcomer) return;
    if (starts === "before") newcomer.boot();
    if (starts === "after") run.later(startMs, () => newcomer.boot());
    const { id } = newcomer;
    const peerAddress = run.cluster.network.addressOf(id);
    run.operators.change(run.target(node), { kind: "add", id, peerAddress, stays }, timeoutMs);
  },
};
