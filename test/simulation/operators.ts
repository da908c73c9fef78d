/**
 * Operators: they change who takes part, remember what they were told, and hold it against the log.
 */
import { RequestError } from "../../src/errors";
import type { SimulatedNode } from "../../src/simulation/node";
import type { ClusterObserver } from "../../src/simulation/observer";
import { type Configuration, type MembershipChange, membersOf, type NodeId } from "../../src/types";
import { demandAnswer } from "./answered-in-time";
import type { Run } from "./run";

const TRUTH = "I14 operators are told the truth";

/** How long operators wait. Units: ms. */
export const OPERATOR_TIMEOUTS_MS = [100, 500, 1000] as const;

type Ask<Answer> = Parameters<typeof SimulatedNode.prototype.ask<Answer>>[1];

export class Operators {
  /** How wishes ended: "ok", or what the node said. */
  readonly ends = new Map<string, number>();
  readonly #run: Run;
  readonly #wishes = new Set<string>();
  /** How often somebody wanted each node added. */
  readonly #wanted = new Map<NodeId, number>();
  /** Nodes whose only adding has certainly failed: no log may ever name them. */
  readonly #denied = new Set<NodeId>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Whether any of them ever wanted this. */
  hasWanted(kind: MembershipChange["kind"], id: NodeId): boolean {
    return this.#wishes.has(`${kind} ${id}`);
  }

  /** Whether a node was to go whatever comes of it. */
  isForced(id: NodeId): boolean {
    return this.#wishes.has(`force ${id}`);
  }

  readonly observer: ClusterObserver = {
    onAppended: (_, entries) => {
      for (const { configuration, index } of entries) {
        const named = configuration === null ? [] : membersOf(configuration);
        const denied = named.find(({ id }) => this.#denied.has(id));
        if (denied) this.#violate(`entry ${index} adds node ${denied.id}, which was denied`);
      }
    },
  };

  change(node: SimulatedNode, change: MembershipChange, timeoutMs: number): void {
    this.#wishes.add(`${change.kind} ${change.id}`);
    if (change.kind === "remove" && change.force) this.#wishes.add(`force ${change.id}`);
    if (change.kind === "add") {
      this.#wanted.set(change.id, (this.#wanted.get(change.id) ?? 0) + 1);
      this.#denied.delete(change.id);
    }
    this.#ask<{ readonly index: number; readonly isPending: boolean }>(
      node,
      timeoutMs,
      (actor, answer) => actor.handle.requestChange(change, timeoutMs, answer),
      (end) => {
        if (end instanceof RequestError) this.#onFailed(change, end);
        else if (!end.isPending) this.#onDone(change, end.index);
      },
    );
  }

  handOver(node: SimulatedNode, to: NodeId | null, timeoutMs: number): void {
    this.#ask<NodeId>(
      node,
      timeoutMs,
      (actor, answer) => actor.handle.requestTransfer(to, timeoutMs, answer),
      () => {},
    );
  }

  #ask<Answer>(
    node: SimulatedNode,
    timeoutMs: number,
    question: Ask<Answer | RequestError>,
    onEnd: (end: Answer | RequestError) => void,
  ): void {
    const { cluster } = this.#run;
    let isAnswered = false;
    node.ask<Answer | RequestError>(
      (end) => {
        isAnswered = true;
        this.#count(end);
        if (end !== "refused" && end !== "lost") onEnd(end as Answer | RequestError);
      },
      (actor, answer) => {
        demandAnswer(cluster, { node, timeoutMs, isAnswered: () => isAnswered });
        question(actor, answer);
      },
    );
  }

  #onFailed(change: MembershipChange, { facts }: RequestError): void {
    const isOnly = change.kind === "add" && this.#wanted.get(change.id) === 1;
    if (isOnly && facts.outcome === "not_applied") this.#denied.add(change.id);
  }

  /** What this very event has committed is known a moment later. */
  #onDone(change: MembershipChange, index: number): void {
    const { cluster, ghost } = this.#run;
    cluster.clock.schedule(0, () => {
      const committed = ghost.configurations.find((entry) => entry.index === index);
      if (committed && isDone(change, committed.configuration)) return;
      this.#violate(`"${change.kind} ${change.id}" is told to be done at ${index}, and is not`);
    });
  }

  #count(end: unknown): void {
    const isAnswer = typeof end !== "string" && !(end instanceof RequestError);
    const told = isAnswer ? "ok" : end instanceof RequestError ? end.facts.detail : `${end}`;
    this.ends.set(told, (this.ends.get(told) ?? 0) + 1);
  }

  #violate(detail: string): never {
    return this.#run.cluster.violate(TRUTH, detail);
  }
}

function isDone(change: MembershipChange, configuration: Configuration): boolean {
  const { id } = change;
  const member = membersOf(configuration).find((other) => other.id === id);
  switch (change.kind) {
    case "add":
      return configuration.learners.some((learner) => learner.id === id);
    case "remove":
      return member === undefined;
    case "move":
      return member?.peerAddress === change.peerAddress;
    case "promote":
      return configuration.voters.some((voter) => voter.id === id);
  }
}
