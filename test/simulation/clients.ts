/** Clients: they ask, remember what they were told, and hold it against the order of the log. */
import { RequestError } from "../../src/errors";
import { HistoryRecorder, type PendingOperation } from "../../src/simulation/history";
import { checkLinearizability, type Verdict } from "../../src/simulation/linearizability";
import type { SimulatedNode } from "../../src/simulation/node";
import type { Command, CommandResult, Condition, KeyValue, Revision } from "../../src/types";
import { revision } from "../../src/types";
import { contextOf } from "./invariant";
import { valueText } from "./kv-model";
import type { Floor, LogOrder } from "./log-order";
import type { Run } from "./run";

/** A write that a client wants, over all of its attempts. */
interface Wish {
  readonly command: Command;
  readonly floor: Floor;
  readonly operation: PendingOperation;
  /** An attempt was made whose outcome nobody knows. */
  isDoubtful: boolean;
  isSettled: boolean;
  /** All attempts have certainly failed. */
  isDenied: boolean;
  /** Attempts that nobody has answered yet. */
  underWay: number;
}

type WriteEnd = CommandResult | RequestError | "refused" | "lost";

export class Clients {
  readonly history = new HistoryRecorder();
  /** How the writes and reads ended: "ok", "unknown", or the error's code. */
  readonly ends = new Map<string, number>();
  readonly #run: Run;
  readonly #order: LogOrder;
  readonly #wishes = new Map<number, Wish>();
  readonly #lastRevisions = new Map<string, Revision>();

  constructor(run: Run, order: LogOrder) {
    this.#run = run;
    this.#order = order;
  }

  /** The revision some client was last told of for this key; one that no key has where none was. */
  lastRevision(key: string): Revision {
    return this.#lastRevisions.get(key) ?? revision(Number.MAX_SAFE_INTEGER);
  }

  write(id: number, node: SimulatedNode, command: Command, timeoutMs: number): void {
    this.#attempt(this.#wish(id, command), node, timeoutMs);
  }

  /** Asks again for a write that carried a retry key, whatever became of it. */
  retry(id: number, node: SimulatedNode, timeoutMs: number): void {
    const earlier = this.#wishes.get(id);
    if (!earlier || earlier.command.idempotencyKey === null) return;
    this.#order.onRetried(earlier.command);
    // What certainly never happened is wished for anew.
    const wish = earlier.isDenied ? this.#wish(id, earlier.command) : earlier;
    this.#attempt(wish, node, timeoutMs);
  }

  /** The verdict of the search for an order of everything that was asked and answered. */
  judge(): Verdict {
    return checkLinearizability(this.history.operations);
  }

  /** A linearizable read. */
  read(id: number, node: SimulatedNode, key: string, timeoutMs: number): void {
    const floor = this.#floor();
    const operation = this.#begin(id, key, { kind: "get" });
    node.ask<KeyValue | RequestError | null>(
      (end) => {
        if (typeof end === "string") this.#count(end);
        else if (end instanceof RequestError) this.#count(end.code);
        else this.#onRead(node, key, end, { floor, operation });
      },
      (actor, answer) =>
        actor.handle.whenReadable(timeoutMs, (error) =>
          answer(error ?? node.running?.projection.get(key) ?? null),
        ),
    );
  }

  #onRead(
    node: SimulatedNode,
    key: string,
    item: KeyValue | null,
    { floor, operation }: Pick<Wish, "floor" | "operation">,
  ): void {
    this.#count("ok");
    this.#order.onRead(key, item, node.running?.projection.appliedIndex ?? floor.told, floor);
    const nowMs = this.#run.cluster.clock.nowMs;
    if (item === null) operation.succeed({ kind: "absent" }, nowMs);
    else {
      this.#lastRevisions.set(key, item.modRevision);
      const value = JSON.stringify(item.value);
      operation.succeed({ kind: "value", value, modRevision: item.modRevision }, nowMs);
    }
  }

  #wish(id: number, command: Command): Wish {
    const wish: Wish = {
      command,
      floor: this.#floor(),
      operation: this.#begin(id, command.key, callOf(command)),
      isDoubtful: false,
      isSettled: false,
      isDenied: false,
      underWay: 0,
    };
    this.#wishes.set(id, wish);
    return wish;
  }

  #attempt(wish: Wish, node: SimulatedNode, timeoutMs: number): void {
    wish.underWay++;
    node.ask<CommandResult | RequestError>(
      (end) => {
        wish.underWay--;
        this.#onWritten(wish, node, end);
      },
      (actor, answer) => actor.handle.submit(wish.command, timeoutMs, answer),
    );
  }

  #onWritten(wish: Wish, node: SimulatedNode, end: WriteEnd): void {
    const { command, operation } = wish;
    const nowMs = this.#run.cluster.clock.nowMs;
    if (end === "lost" || (end instanceof RequestError && end.facts.outcome === "unknown")) {
      this.#count("unknown");
      wish.isDoubtful = true;
      return;
    }
    if (end === "refused" || end instanceof RequestError) {
      this.#count(end === "refused" ? end : end.code);
      if (wish.isDoubtful || wish.isSettled || wish.underWay > 0) return;
      wish.isDenied = true;
      this.#order.onDenied(command);
      operation.fail(nowMs);
      return;
    }
    this.#count("ok");
    this.#onDecided(wish, node, end);
  }

  #onDecided(wish: Wish, node: SimulatedNode, result: CommandResult): void {
    const { cluster, ghost } = this.#run;
    const { command, floor, operation } = wish;
    this.#order.onDecided(command, result, floor);
    const { index } = result;
    // What this very event commits is known to the one that leads, and answers, alone.
    const chain = ghost.committedChain(index) ?? node.witness.chainAt(index);
    if (!ghost.isOnQuorum(contextOf(node), index, chain)) {
      cluster.violate("I11 acknowledged is durable", `no quorum holds entry ${index}`);
    }
    if (wish.isSettled) return;
    wish.isSettled = true;
    const { nowMs } = cluster.clock;
    const { revision: at } = result;
    if (result.kind === "set") {
      this.#lastRevisions.set(command.key, at);
      operation.succeed({ kind: "set", revision: at }, nowMs);
    } else if (result.kind === "deleted") {
      operation.succeed({ kind: "deleted", deleted: result.deleted, revision: at }, nowMs);
    } else if (result.kind === "preconditionFailed") {
      const { modRevision } = result;
      this.#lastRevisions.set(command.key, modRevision);
      operation.succeed({ kind: "preconditionFailed", modRevision, revision: at }, nowMs);
    } else operation.fail(nowMs);
  }

  #floor(): Floor {
    return this.#order.floor(this.#run.ghost.committedIndex);
  }

  #begin(id: number, key: string, call: ReturnType<typeof callOf> | { kind: "get" }) {
    const invokedAt = this.#run.cluster.clock.nowMs;
    return this.history.begin({ client: `client-${id}`, key, call, invokedAt });
  }

  #count(end: string): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
  }
}

function callOf(command: Command): {
  readonly kind: "set" | "delete";
  readonly value: string;
  readonly condition: Condition | null;
} {
  return { kind: command.op, value: valueText(command), condition: command.condition };
}
