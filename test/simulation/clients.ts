/** Clients: they ask, remember what they were told, and hold it against the order of the log. */
import { RequestError } from "../../src/errors";
import { votersOf } from "../../src/machines/raft/context";
import { HistoryRecorder, type PendingOperation } from "../../src/simulation/history";
import { checkLinearizability, type Verdict } from "../../src/simulation/linearizability";
import type { SimulatedNode } from "../../src/simulation/node";
import type { KeyRange, KvProjection } from "../../src/store/kv-projection";
import type {
  Command,
  CommandResult,
  Condition,
  KeyValue,
  LogIndex,
  Revision,
} from "../../src/types";
import { logIndex, revision } from "../../src/types";
import { ANSWERED, demandAnswer } from "./answered-in-time";
import { contextOf } from "./invariant";
import { textOf, valueText } from "./kv-model";
import { type Floor, type LogOrder, wishOf } from "./log-order";
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

/** What a node has applied, at some moment. */
interface Copy {
  readonly projection: KvProjection;
  readonly appliedIndex: LogIndex;
}

interface Asking<Answer> {
  readonly node: SimulatedNode;
  readonly timeoutMs: number;
  readonly settle: (end: Answer | "refused" | "lost") => void;
  readonly question: Parameters<typeof SimulatedNode.prototype.ask<Answer>>[1];
}

type WriteEnd = CommandResult | RequestError | "refused" | "lost";

export class Clients {
  readonly history = new HistoryRecorder();
  /** How the writes and reads ended: "ok", "unknown", or the error's code. */
  readonly ends = new Map<string, number>();
  readonly #run: Run;
  readonly #order: LogOrder;
  readonly #wishes = new Map<number, Wish>();
  readonly #asked = new Set<string>();
  /** Whom each open question was put to. */
  readonly #open = new Set<{ readonly node: SimulatedNode }>();
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

  /** Whether somebody has asked for just this before, under the same retry key. */
  hasAsked(command: Command): boolean {
    return this.#asked.has(wishOf(command) ?? "");
  }

  /** An earlier write, if it carried a retry key. */
  keyedWrite(id: number): Command | null {
    const { command } = this.#wishes.get(id) ?? {};
    return command === undefined || command.idempotencyKey === null ? null : command;
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

  /** A node that stops in good order leaves nobody without an end; one that dies then, may. */
  demandAllTold(node: SimulatedNode): void {
    if (node.life.isOver) return;
    // What still lies in its socket it will never have been asked.
    const asked = [...this.#open].filter((open) => open.node === node).length;
    const left = asked - node.unheardCallers;
    if (left > 0) this.#run.cluster.violate(ANSWERED, `node ${node.id} stops, ${left} wait`);
  }

  /** The verdict of the search for an order of everything that was asked and answered. */
  judge(): Verdict {
    return checkLinearizability(this.history.operations);
  }

  /** A linearizable read. */
  read(id: number, node: SimulatedNode, key: string, timeoutMs: number): void {
    const floor = this.#floor();
    const operation = this.#begin(id, key, { kind: "get" });
    this.#whenReadable(node, timeoutMs, ({ projection, appliedIndex }) =>
      this.#onRead(key, projection.get(key) ?? null, appliedIndex, { floor, operation }),
    );
  }

  /** A linearizable list. */
  list(node: SimulatedNode, range: KeyRange, timeoutMs: number): void {
    const floor = this.#floor();
    this.#whenReadable(node, timeoutMs, ({ projection, appliedIndex }) =>
      this.#order.onListed(range, projection.list(range), appliedIndex, floor),
    );
  }

  /** A read of whatever the node has, with an age. */
  readStale(node: SimulatedNode, key: string): void {
    if (!node.running || node.isPaused) return;
    const { actor, projection } = node.running;
    const ageMs = actor.handle.stalenessMs();
    const owed = ageMs === null ? logIndex(0) : this.#run.freshness.owed(node, ageMs);
    this.#count(ageMs === null ? "stale, of unknown age" : "stale");
    this.#order.onStaleRead(key, projection.get(key) ?? null, projection.appliedIndex, owed);
  }

  /** Asks for leave to read; `onReadable` then looks at the copy, in the same moment. */
  #whenReadable(node: SimulatedNode, timeoutMs: number, onReadable: (copy: Copy) => void): void {
    this.#ask<RequestError | Copy>({
      node,
      timeoutMs,
      settle: (end) => {
        if (typeof end === "string") this.#count(end);
        else if (end instanceof RequestError) this.#count(end.code);
        else {
          this.#count("ok");
          onReadable(end);
        }
      },
      question: (actor, answer) =>
        actor.handle.whenReadable(timeoutMs, (error) => {
          const { projection } = node.running ?? {};
          if (error !== null) answer(error);
          else if (projection) answer({ projection, appliedIndex: projection.appliedIndex });
        }),
    });
  }

  #onRead(
    key: string,
    item: KeyValue | null,
    index: LogIndex,
    { floor, operation }: Pick<Wish, "floor" | "operation">,
  ): void {
    this.#order.onRead(key, item, index, floor);
    const nowMs = this.#run.cluster.clock.nowMs;
    if (item === null) operation.succeed({ kind: "absent" }, nowMs);
    else {
      const { modRevision } = item;
      this.#lastRevisions.set(key, modRevision);
      operation.succeed({ kind: "value", value: textOf(item.value), modRevision }, nowMs);
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
    this.#asked.add(wishOf(command) ?? "");
    return wish;
  }

  #attempt(wish: Wish, node: SimulatedNode, timeoutMs: number): void {
    wish.underWay++;
    this.#ask<CommandResult | RequestError>({
      node,
      timeoutMs,
      settle: (end) => {
        wish.underWay--;
        this.#onWritten(wish, node, end);
      },
      question: (actor, answer) => actor.handle.submit(wish.command, timeoutMs, answer),
    });
  }

  /** Asks, and looks whether there is an answer when the time is up. */
  #ask<Answer>({ node, timeoutMs, settle, question }: Asking<Answer>): void {
    const asking = { node };
    this.#open.add(asking);
    const isAnswered = () => !this.#open.has(asking);
    node.ask<Answer>(
      (end) => {
        this.#open.delete(asking);
        settle(end);
      },
      (actor, answer) => {
        demandAnswer(this.#run.cluster, { node, timeoutMs, isAnswered });
        question(actor, answer);
      },
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
    const voters = ghost.votersOf(index) ?? votersOf(contextOf(node));
    if (!ghost.isOnQuorum(voters, index, chain)) {
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
