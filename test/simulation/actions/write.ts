import type { Command, Condition, Value } from "../../../src/types";
import type { Run } from "../run";
import { type ActionKind, drawTarget, type Target } from "../scenario";

/** How long clients wait. Units: ms. */
export const CLIENT_TIMEOUTS_MS = [20, 200, 1000, 3000] as const;

interface Params {
  readonly op: "set" | "delete";
  readonly node: Target;
  readonly key: string;
  /** Of the write: none, that the key is absent, or that it is as some client last saw it. */
  readonly onlyIf: "always" | "absent" | "unchanged";
  readonly isKeyed: boolean;
  readonly timeoutMs: number;
  /** Of the value. Units: characters. */
  readonly length: number;
  /** Of the value; text where nothing is said. */
  readonly valueKind?: Value["kind"];
}

/** A client sets or deletes a key. */
export const write: ActionKind<Params> = {
  name: "write",
  group: "command",
  draw(random, plan) {
    const op = random.chance(0.8) ? "set" : "delete";
    return {
      op,
      node: drawTarget(random, plan),
      key: random.pick(plan.setup.keys),
      onlyIf: random.pick(["always", "always", "always", "absent", "unchanged"] as const),
      // Deletes look all alike: only a retry key tells them apart.
      isKeyed: op === "delete" || random.chance(0.5),
      timeoutMs: random.pick(CLIENT_TIMEOUTS_MS),
      length: random.chance(0.1) ? random.whole(100, 4000) : random.whole(1, 40),
      valueKind: random.pick(["text", "text", "json", "bytes"] as const),
    };
  },
  perform(run, params, id) {
    run.clients.write(id, run.target(params.node), commandOf(run, params, id), params.timeoutMs);
  },
};

function commandOf(run: Run, params: Params, id: number): Command {
  const { op, key, onlyIf, isKeyed, length, valueKind = "text" } = params;
  const idempotencyKey = isKeyed ? `retry-${id}` : null;
  const condition: Condition | null =
    onlyIf === "always"
      ? null
      : onlyIf === "absent"
        ? { kind: "keyIsAbsent" }
        : { kind: "revisionIs", revision: run.clients.lastRevision(key) };
  if (op === "delete") return { op, key, condition, idempotencyKey };
  const text = `v${id}`.padEnd(length, ".");
  return { op, key, value: valueFrom(valueKind, text), condition, idempotencyKey };
}

function valueFrom(kind: Value["kind"], text: string): Value {
  switch (kind) {
    case "text":
      return { kind, text };
    case "json":
      return { kind, json: JSON.stringify([text]) };
    case "bytes":
      return { kind, bytes: new TextEncoder().encode(text) };
  }
}
