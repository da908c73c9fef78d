/**
 * What the liveness phase demands of a leader's office, beside that somebody holds it: that it is
 * laid down by who lost its majority, handed over when asked, and not taken from who is heard.
 */
import { majority } from "../../src/machines/quorum";
import { configurationOf } from "../../src/machines/raft/context";
import type { SimulatedNode } from "../../src/simulation/node";
import { membersOf } from "../../src/types";
import type { Question } from "./liveness";
import type { Run } from "./run";

/** How long disks may take to be bound, and an office to change hands. Units: ms. */
const SOON_MS = 5000;
/** How often the leader may be asked: a transfer is given up after an election timeout. */
const TRANSFERS_MAX = 3;
/** How long terms must stand still. Units: election timeouts. */
const STILL_TIMEOUTS = 20;
/** It is idle time, of which a simulator pays for each heartbeat: some runs stand for all. */
const STILL_CHANCE = 0.25;
/** What the network had held back, and whoever learns late of a term, may cost this many. */
const TERMS_MAX = 2;

type Core = readonly SimulatedNode[];
type WriteOn = (node: SimulatedNode) => Question;

const votersAmong = ({ configuration }: Run, core: Core): Core =>
  core.filter(({ id }) => configuration.voters.some((voter) => voter.id === id));

const contextOf = ({ running }: SimulatedNode) => running?.actor.raft.context ?? null;

/**
 * "A leader steps down if an election timeout elapses without a successful round of heartbeats to a
 * majority" (Thesis §6.2): by now nobody leads who is cut off. Errors: `InvariantViolation`.
 */
export function demandStandDown({ cluster }: Run, core: Core): void {
  for (const node of cluster.nodes) {
    if (core.includes(node) || node.isPaused || !contextOf(node)?.leadership) continue;
    cluster.violate("L check-quorum", `node ${node.id} leads on, and reaches nobody`);
  }
}

/**
 * Every node of the core that has ever met the leader is bound to its disk before long, and counts
 * from then on. Errors: `InvariantViolation`.
 */
export function demandBindings({ cluster }: Run, core: Core): void {
  const areBound = () => {
    const leader = cluster.leader();
    const context = leader && contextOf(leader);
    if (!context) return false;
    const members = membersOf(configurationOf(context));
    const bound = members.filter(({ diskId }) => diskId !== null);
    return core.every(({ id }) => bound.some((member) => member.id === id));
  };
  if (cluster.runUntil(areBound, SOON_MS)) return;
  cluster.violate("L bindings", "a disk of the core is never bound");
}

/**
 * Every copy is known to be younger than a follower would wait for its leader: else nobody could
 * tell a stale read from a lost one. Errors: `InvariantViolation`.
 */
export function demandFreshness({ cluster, scenario }: Run, core: Core): void {
  const { electionTimeoutMs } = scenario.setup.timing;
  const isFresh = ({ running }: SimulatedNode) =>
    (running?.actor.handle.stalenessMs() ?? Number.POSITIVE_INFINITY) <= electionTimeoutMs;
  if (cluster.runUntil(() => core.every(isFresh), SOON_MS)) return;
  cluster.violate("L freshness", "a copy of the core does not know how old it is");
}

/**
 * "The prior leader stops accepting new client requests", brings the target up to date and sends
 * it TimeoutNow (Thesis §3.10): another leads before an election would have come by itself, and a
 * write that was under way is not left in doubt. Errors: `InvariantViolation`.
 */
export function demandTransfer(run: Run, core: Core, write: WriteOn): void {
  const { cluster, scenario } = run;
  if (votersAmong(run, core).length < 2) return;
  for (let asked = 0; asked < TRANSFERS_MAX; asked++) {
    const before = cluster.leader();
    const term = (before && contextOf(before)?.currentTerm) ?? 0;
    if (before === null) break;
    const ends: unknown[] = [];
    cluster.act(() => {
      write(before)((end) => ends.push(end));
      // Once the write is in the log, and before it is committed.
      cluster.clock.schedule(0, () => askToHandOver(before));
    });
    const isHandedOver = () => {
      const after = cluster.leader();
      return after !== null && after !== before && contextOf(after)?.currentTerm === term + 1;
    };
    const hasMoved = cluster.runUntil(isHandedOver, scenario.setup.timing.electionTimeoutMs);
    cluster.runUntil(() => ends.length > 0, SOON_MS);
    const isAnswered = ends.some((end) => !(end instanceof Error) && typeof end !== "string");
    if (hasMoved && isAnswered) return;
    cluster.run(SOON_MS);
  }
  cluster.violate("L transfer", `the leader was asked ${TRANSFERS_MAX} times to hand over`);
}

const askToHandOver = ({ life, running }: SimulatedNode): void =>
  life.run(() => running?.actor.raft.step({ type: "transfer.requested", to: null }));

/**
 * A leader that a majority hears is left in peace by all others, who hear that majority but not the
 * leader: of two that cannot meet the one must not depose the other for ever. Errors:
 * `InvariantViolation`.
 */
export function demandStableTerms(run: Run, core: Core): void {
  const { cluster, configuration, scenario } = run;
  const leader = cluster.leader();
  if (leader === null || !cluster.random.fork("still").chance(STILL_CHANCE)) return;
  const followers = votersAmong(run, core).filter((node) => node !== leader);
  const loyal = followers.slice(0, majority(configuration.voters.length) - 1);
  const others = cluster.nodes.filter((node) => node !== leader && !loyal.includes(node));
  cluster.network.heal();
  for (const [place, other] of others.entries()) {
    for (const node of [leader, ...others.slice(place + 1)]) {
      cluster.network.cut(node.id, other.id);
      cluster.network.cut(other.id, node.id);
    }
  }
  const highest = () => Math.max(...cluster.nodes.map((node) => contextOf(node)?.currentTerm ?? 0));
  const before = highest();
  cluster.run(scenario.setup.timing.electionTimeoutMs * STILL_TIMEOUTS);
  if (highest() - before <= TERMS_MAX && cluster.leader() !== null) return;
  cluster.violate("L stable terms", `terms run from ${before} to ${highest()}`);
}
