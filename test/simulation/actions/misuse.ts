import type { Command, Condition } from "../../../src/types";
import { revision } from "../../../src/types";
import { type ActionKind, drawTarget, type Target } from "../scenario";
import { CLIENT_TIMEOUTS_MS } from "./write";

/** How far back it may reach. Units: actions. */
const REACH = 30;

interface Params {
  readonly of: number;
  readonly node: Target;
  /** What is not as it was under the same retry key. */
  readonly other: "operation" | "key" | "value" | "condition";
  readonly key: string;
  readonly timeoutMs: number;
}

/** A client uses the retry key of an earlier write for something else, by mistake. */
export const misuse: ActionKind<Params> = {
  name: "misuse",
  group: "command",
  draw: (random, plan) => ({
    of: Math.max(0, plan.id - random.whole(1, REACH)),
    node: drawTarget(random, plan),
    other: random.pick(["operation", "key", "value", "condition"] as const),
    key: random.pick(plan.setup.keys),
    timeoutMs: random.pick(CLIENT_TIMEOUTS_MS),
  }),
  perform(run, { of, node, timeoutMs, other, key }, id) {
    const earlier = run.clients.keyedWrite(of);
    if (earlier === null) return;
    const command = differing(earlier, other, { key, text: `v${id}` });
    // The same request under the same key is no mistake but a retry.
    if (run.clients.hasAsked(command)) return;
    run.clients.write(id, run.target(node), command, timeoutMs);
  },
};

function differing(
  earlier: Command,
  other: Params["other"],
  { key, text }: { readonly key: string; readonly text: string },
): Command {
  const value = { kind: "text", text } as const;
  const { condition, idempotencyKey } = earlier;
  switch (other) {
    case "operation":
      return earlier.op === "set"
        ? { op: "delete", key: earlier.key, condition, idempotencyKey }
        : { ...earlier, op: "set", value };
    case "key":
      return { ...earlier, key };
    case "value":
      return earlier.op === "set" ? { ...earlier, value } : earlier;
    case "condition":
      return { ...earlier, condition: next(condition) };
  }
}

/** Another condition than this one. */
function next(condition: Condition | null): Condition {
  if (condition === null) return { kind: "keyIsAbsent" };
  const isFirst = condition.kind === "revisionIs" && condition.revision === 1;
  return { kind: "revisionIs", revision: revision(isFirst ? 2 : 1) };
}
