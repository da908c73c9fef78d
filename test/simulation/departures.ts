/**
 * What the liveness phase demands of those who come and go: whoever has come becomes what it was to
 * be, and whoever has gone is told, and stops.
 */
import type { ChangeAnswer } from "../../src/actors/node-handle";
import type { RequestError } from "../../src/errors";
import type { SimulatedNode } from "../../src/simulation/node";
import { membersOf } from "../../src/types";
import { leaversOf } from "./core";
import type { Run } from "./run";

/** A round of catching up, a promotion, and another for each who waits. Units: ms. */
const PROMOTED_MS_MAX = 20_000;
/** How long an operator waits, and until it is tried again. Units: ms. */
const ATTEMPT_MS = 500;
/** What the leader changes of its own accord comes first. Units: ms. */
const CHANGED_MS_MAX = 10_000;
/** One entry for each who moved. Units: ms. */
const MOVED_MS_MAX = 10_000;
/** A campaign, a dial, and a farewell. Units: ms. */
const GONE_MS_MAX = 10_000;

type Core = readonly SimulatedNode[];

/** Every learner of the core that is to become a voter does. Errors: `InvariantViolation`. */
export function demandPromotions(run: Run, core: Core): void {
  const waiting = () =>
    run.configuration.learners.filter(
      ({ id, stays }) => !stays && core.some((node) => node.id === id),
    );
  if (run.cluster.runUntil(() => waiting().length === 0, PROMOTED_MS_MAX)) return;
  const ids = waiting().map(({ id }) => id);
  run.cluster.violate("L promotions", `still learners, though they keep up: ${ids}`);
}

/** Whoever moved is found where it says that it is, by the log. Errors: `InvariantViolation`. */
export function demandAddresses(run: Run, core: Core): void {
  const { network } = run.cluster;
  const lost = () =>
    membersOf(run.configuration).filter(
      ({ id, peerAddress }) =>
        core.some((node) => node.id === id) && network.addressOf(id) !== peerAddress,
    );
  if (run.cluster.runUntil(() => lost().length === 0, MOVED_MS_MAX)) return;
  const told = lost().map(({ id, peerAddress }) => `${id} at ${peerAddress}`);
  run.cluster.violate("L addresses", `looked for where they are not: ${told}`);
}

/**
 * Whoever was removed and reaches the core "is told" and stops: it would campaign for ever
 * otherwise. Errors: `InvariantViolation`.
 */
export function demandDepartures(run: Run, core: Core): void {
  const left = () => leaversOf(run, core).filter(({ isPaused }) => !isPaused);
  if (run.cluster.runUntil(() => left().length === 0, GONE_MS_MAX)) return;
  const ids = left().map(({ id }) => id);
  run.cluster.violate("L departures", `removed, and still there: ${ids}`);
}

/**
 * Operators can change who takes part: one says again where a member is, which is an entry like any
 * other change. Errors: `InvariantViolation`.
 */
export function demandChange({ cluster, configuration }: Run, core: Core): void {
  const member = membersOf(configuration).find(({ id }) => core.some((node) => node.id === id));
  const node = core.find(({ id }) => id !== cluster.leader()?.id) ?? core[0];
  if (!member || !node) return;
  const { id, peerAddress } = member;
  let end: ChangeAnswer | RequestError | string = "not answered";
  const isDone = () => !(end instanceof Error) && typeof end !== "string";
  const ask = () =>
    node.ask<ChangeAnswer | RequestError>(
      (told) => {
        end = told;
        if (!isDone()) cluster.clock.schedule(ATTEMPT_MS, ask);
      },
      (actor, answer) =>
        actor.handle.requestChange({ kind: "move", id, peerAddress }, ATTEMPT_MS, answer),
    );
  cluster.act(ask);
  if (cluster.runUntil(isDone, CHANGED_MS_MAX)) return;
  cluster.violate("L changes", `no operator can change anything: ${end}`);
}
