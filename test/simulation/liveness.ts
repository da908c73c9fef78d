/**
 * The liveness phase: a random core of at least a majority is healed for good, all others stay as
 * they are, cut off from the core. Then the cluster must come to work again, and stay so.
 */
import type { NodeHandle } from "../../src/actors/node-handle";
import type { SimulatedNode } from "../../src/simulation/node";
import type { Command } from "../../src/types";
import { SLOW_SYNC_MS_MAX } from "./actions/slow-disk";
import { coreOf, leaversOf } from "./core";
import { demandAddresses, demandChange, demandDepartures, demandPromotions } from "./departures";
import { demandLinks } from "./link-liveness";
import {
  demandBindings,
  demandFreshness,
  demandStableTerms,
  demandStandDown,
  demandTransfer,
} from "./office";
import { demandRoom } from "./room";
import type { Run } from "./run";

/** All of it must be reached within this virtual time. Units: ms. */
export const PROGRESS_MS_MAX = 20_000;
/** How long a fresh request waits, and until it is tried again. Units: ms. */
const ATTEMPT_MS = 500;
/** A leader counts as stable when nobody challenged it for so many election timeouts. */
const STABLE_TIMEOUTS = 6;
/** How often what the network had held back may unseat a leader. */
const UNSEATED_MAX = 3;
/** The longest that an operator's wish may be on its way. Units: ms. */
const WISHES_MS = 3000;
/** What a cluster breaks that does not come to work again. */
export const PROGRESS = "L progress";

/** Of the core that the scenario has drawn, or of this one. Errors: `InvariantViolation`. */
export function demandProgress(run: Run, chosen?: Core): void {
  const core = chosen ?? settledCore(run);
  healCore(run, core);
  if (core.length === 0) return;
  const { cluster } = run;
  const healedMs = cluster.clock.nowMs;
  const untilMs = healedMs + PROGRESS_MS_MAX;
  let leader: SimulatedNode | null = null;
  // What the network had held back may still unseat the first ones.
  for (let unseated = 0; leader === null || leader !== cluster.leader(); unseated++) {
    if (unseated > UNSEATED_MAX) cluster.violate(PROGRESS, "no leader is left in peace");
    demandAgreement(run, core, untilMs - cluster.clock.nowMs);
    leader = cluster.leader();
    cluster.run(run.scenario.setup.timing.electionTimeoutMs * STABLE_TIMEOUTS);
  }
  demandStandDown(run, core);
  demandDepartures(run, core);
  // Reads first: they must not wait for anybody's write.
  demandService(run, core, ["read"]);
  demandService(run, core, ["write", "read"]);
  demandHealth(run, core);
  demandEqualStates(run, core);
  demandLinks(run, core);
  demandBindings(run, core);
  demandPromotions(run, core);
  demandAddresses(run, core);
  if (run.scenario.setup.churn) demandChange(run, core);
  demandFreshness(run, core);
  demandTransfer(run, core, asking.write);
  demandRoom(run, core);
  demandService(run, core, ["read"]);
  // Whoever waits for a slow sync from before is not heard in a new term.
  cluster.run(Math.max(0, healedMs + SLOW_SYNC_MS_MAX - cluster.clock.nowMs));
  demandStableTerms(run, core);
}

/**
 * What operators wanted last may still be done, or undone, among those who are healed first: who
 * takes part is known for certain only afterwards. A change that was appended meanwhile may need
 * others to commit it, and may remove some of these: then it is settled among the new ones again.
 */
function settledCore(run: Run): Core {
  const { cluster, ghost } = run;
  const healed = new Set<SimulatedNode>();
  let core = coreOf(run);
  while (run.scenario.setup.churn && core.some((node) => !healed.has(node))) {
    const asked = core;
    for (const node of asked) healed.add(node);
    healCore(run, asked);
    cluster.run(WISHES_MS);
    cluster.runUntil(() => ghost.pendingOf(asked).length === 0, PROGRESS_MS_MAX);
    core = coreOf(run);
  }
  return core;
}

function healCore(run: Run, core: Core): void {
  const { cluster } = run;
  run.calm();
  const healed = [...core, ...leaversOf(run, core)];
  const others = cluster.nodes.filter((node) => !healed.includes(node));
  cluster.network.partition([healed.map(({ id }) => id), ...others.map(({ id }) => [id])]);
  // A fault that was on its way may still stop a node: whoever watches over it starts it again.
  cluster.observe({
    onEnded(node, { kind }) {
      if (!core.includes(node) || kind === "removed") return;
      cluster.clock.schedule(ATTEMPT_MS, () => node.boot());
    },
  });
  cluster.act(() => {
    for (const node of healed) {
      node.diskFault = () => null;
      node.diesBeforeSend = () => false;
      node.disk.syncDelayMs = () => 1;
      node.disk.readOnly = false;
      node.disk.capacityBytes = Number.POSITIVE_INFINITY;
      run.pullPlug(node);
      // It would wake with wishes that have long lapsed.
      if (run.scenario.setup.churn && node.isPaused) node.kill();
      node.resume();
      if (core.includes(node)) node.boot();
    }
  });
}

/** One leads, all follow it, all have applied the same log. */
function hasAgreed(core: Core): boolean {
  const leaders = core.filter(({ running }) => running?.actor.raft.role === "Leader");
  const [leader] = leaders;
  if (leaders.length !== 1 || leader === undefined) return false;
  return core.every(({ running, witness }) => {
    if (!running) return false;
    const { actor } = running;
    return (
      actor.raft.standing.leaderId === leader.id &&
      witness.lastIndex === leader.witness.lastIndex &&
      actor.appliedIndex === witness.lastIndex
    );
  });
}

/** Fresh requests on every node of the core, tried until they succeed. */
function demandService(run: Run, core: Core, kinds: readonly ("read" | "write")[]): void {
  const { cluster } = run;
  const waiting = new Map<string, unknown>();
  const insist = (what: string, ask: Question) => {
    waiting.set(what, "not answered");
    ask((end) => {
      const isOk = !(end instanceof Error) && typeof end !== "string";
      if (isOk) waiting.delete(what);
      else {
        waiting.set(what, end);
        cluster.clock.schedule(ATTEMPT_MS, () => insist(what, ask));
      }
    });
  };
  cluster.act(() => {
    for (const node of core) {
      for (const kind of kinds) insist(`a ${kind} on node ${node.id}`, asking[kind](node));
    }
  });
  if (cluster.runUntil(() => waiting.size === 0, PROGRESS_MS_MAX)) return;
  cluster.violate(PROGRESS, [...waiting].map(([what, end]) => `${what}: ${end}`).join("; "));
}

type Core = readonly SimulatedNode[];
export type Question = (settle: (end: unknown) => void) => void;

const asking: Readonly<Record<"read" | "write", (node: SimulatedNode) => Question>> = {
  read: (node) => (settle) =>
    node.ask(settle, (actor, answer) => actor.handle.whenReadable(ATTEMPT_MS, answer)),
  write: (node) => (settle) =>
    node.ask(settle, (actor, answer) => actor.handle.submit(freshWrite(node), ATTEMPT_MS, answer)),
};

const freshWrite = ({ id }: SimulatedNode): Command => ({
  op: "set",
  key: `fresh-${id}`,
  value: { kind: "text", text: `fresh-${id}` },
  condition: null,
  idempotencyKey: `fresh-${id}`,
});

/** Every node of the core says of itself that it can serve and that its disk has room. */
function demandHealth(run: Run, core: Core): void {
  const { cluster } = run;
  const complaints = () =>
    core.flatMap(({ id, running }) => {
      if (!running) return [`${id} is down`];
      const { handle } = running.actor;
      const complaint = handle.unreadiness() ?? (hasRoom(handle) ? null : "there is no room");
      return complaint === null ? [] : [`${id}: ${complaint}`];
    });
  if (cluster.runUntil(() => complaints().length === 0, PROGRESS_MS_MAX)) return;
  cluster.violate(PROGRESS, complaints().join("; "));
}

function hasRoom(handle: NodeHandle): boolean {
  const metric = handle.metrics().find(({ name }) => name === "balsa_disk_has_room");
  return metric?.samples[0]?.value === 1;
}

function demandAgreement(run: Run, core: Core, ms: number): void {
  const { cluster } = run;
  if (cluster.runUntil(() => hasAgreed(core), ms)) return;
  cluster.violate(PROGRESS, `the core does not agree: ${core.map(describe).join("; ")}`);
}

function demandEqualStates(run: Run, core: Core): void {
  const { cluster } = run;
  demandAgreement(run, core, PROGRESS_MS_MAX);
  const states = new Set(core.map(({ running }) => running?.projection.stateHash));
  if (states.size !== 1) cluster.violate(PROGRESS, "the core's states differ");
  // Of what a log no longer holds its snapshot stands for the committed one: see I13.
  const logs = new Set(core.map(({ witness }) => witness.chainAt(witness.lastIndex)));
  if (logs.size !== 1) cluster.violate(PROGRESS, "the core's logs differ");
}

function describe({ end, id, running, witness }: SimulatedNode): string {
  if (!running) {
    return `${id} is down (${end?.kind}${end?.kind === "stopped" ? ` ${end.reason}` : ""})`;
  }
  const { state, term, leaderId } = running.actor.raft.standing;
  const { appliedIndex } = running.actor;
  return `${id} ${state} of term ${term}, leader ${leaderId}, ${appliedIndex}/${witness.lastIndex}`;
}
