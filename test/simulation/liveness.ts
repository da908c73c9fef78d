/**
 * The liveness phase: a random core of at least a majority is healed for good, all others stay as
 * they are, cut off from the core. Then the cluster must come to work again, and stay so.
 */
import type { SimulatedNode } from "../../src/simulation/node";
import type { Run } from "./run";

/** All of it must be reached within this virtual time. Units: ms. */
export const PROGRESS_MS_MAX = 20_000;
/** A leader counts as stable when nobody challenged it for so many election timeouts. */
const STABLE_TIMEOUTS = 4;
const NAME = "L progress";

/** Errors: `InvariantViolation`. */
export function demandProgress(run: Run): void {
  const core = healCore(run);
  const { cluster } = run;
  if (!cluster.runUntil(() => hasAgreed(core), PROGRESS_MS_MAX)) {
    cluster.violate(NAME, `the core does not agree: ${core.map(describe).join("; ")}`);
  }
  const leader = cluster.leader();
  cluster.run(run.scenario.setup.timing.electionTimeoutMs * STABLE_TIMEOUTS);
  if (cluster.leader() !== leader) cluster.violate(NAME, "a leader without faults was deposed");
  demandService(run, core);
  demandEqualStates(run, core);
}

function healCore(run: Run): readonly SimulatedNode[] {
  const { cluster, scenario } = run;
  run.calm();
  const core = scenario.core.map((id) => cluster.node(id));
  const others = cluster.nodes.filter((node) => !core.includes(node));
  cluster.network.partition([scenario.core, ...others.map(({ id }) => [id])]);
  cluster.act(() => {
    for (const node of core) {
      node.diskFault = () => null;
      node.diesBeforeSend = () => false;
      node.disk.syncDelayMs = () => 1;
      node.resume();
      node.boot();
    }
  });
  return core;
}

/** One leads, all follow it, all have applied the same log. */
function hasAgreed(core: readonly SimulatedNode[]): boolean {
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

/** A fresh write and a fresh read on every node of the core. */
function demandService(run: Run, core: readonly SimulatedNode[]): void {
  const { cluster } = run;
  let waiting = 0;
  const expectOk = (what: string) => {
    waiting++;
    return (end: unknown) => {
      waiting--;
      if (end instanceof Error || typeof end === "string") cluster.violate(NAME, `${what}: ${end}`);
    };
  };
  for (const node of core) {
    const command = {
      op: "set",
      key: `fresh-${node.id}`,
      value: { kind: "text", text: `fresh-${node.id}` },
      condition: null,
      idempotencyKey: null,
    } as const;
    cluster.act(() => {
      node.ask(expectOk(`a write on node ${node.id}`), (actor, answer) =>
        actor.handle.submit(command, PROGRESS_MS_MAX, answer),
      );
      node.ask(expectOk(`a read on node ${node.id}`), (actor, answer) =>
        actor.handle.whenReadable(PROGRESS_MS_MAX, answer),
      );
    });
  }
  if (!cluster.runUntil(() => waiting === 0, PROGRESS_MS_MAX)) {
    cluster.violate(NAME, `${waiting} fresh requests are not answered`);
  }
}

function demandEqualStates(run: Run, core: readonly SimulatedNode[]): void {
  const { cluster } = run;
  if (!cluster.runUntil(() => hasAgreed(core), PROGRESS_MS_MAX)) {
    cluster.violate(NAME, `the core does not agree: ${core.map(describe).join("; ")}`);
  }
  const states = new Set(core.map(({ running }) => running?.projection.stateHash));
  if (states.size !== 1) cluster.violate(NAME, "the core's states differ");
}

function describe({ end, id, running, witness }: SimulatedNode): string {
  if (!running) {
    return `${id} is down (${end?.kind}${end?.kind === "stopped" ? ` ${end.reason}` : ""})`;
  }
  const { state, term, leaderId } = running.actor.raft.standing;
  const { appliedIndex } = running.actor;
  return `${id} ${state} of term ${term}, leader ${leaderId}, ${appliedIndex}/${witness.lastIndex}`;
}
