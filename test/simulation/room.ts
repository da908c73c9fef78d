/** What the liveness phase demands where one disk is full, and it is the leader's. */
import { majority } from "../../src/machines/quorum";
import type { SimulatedNode } from "../../src/simulation/node";
import type { Command } from "../../src/types";
import type { Run } from "./run";

/** In how many runs a disk is filled: it takes a while to heal, and some runs stand for all. */
const FULL_CHANCE = 0.25;
/** Until another leads and the write is done; a full leader tries one successor after another. */
const SOON_MS = 10_000;
/** How long the write waits, and until it is tried again. Units: ms. */
const ATTEMPT_MS = 500;
/** More than the reserve of a simulated node, and what its log has put by. */
const HUGE_CHARS = 20_000;

/**
 * "Progress whenever a mutually connected quorum with healthy disks exists" (reliability, promise
 * 6): where the core's other voters are one and have room, the leader's full disk keeps nobody from
 * a set, and another leads soon. Errors: `InvariantViolation`.
 */
export function demandRoom(run: Run, core: readonly SimulatedNode[]): void {
  if (run.cluster.random.fork("room").chance(FULL_CHANCE)) demandSuccessor(run, core);
}

/** The same in every run. Errors: `InvariantViolation`. */
export function demandSuccessor(run: Run, core: readonly SimulatedNode[]): void {
  const { cluster, configuration } = run;
  const full = cluster.leader();
  const others = core.filter(
    (node) => node !== full && configuration.voters.some(({ id }) => id === node.id),
  );
  if (full === null || others.length < majority(configuration.voters.length)) return;
  full.disk.capacityBytes = full.disk.usedBytes;
  let told: unknown = "not answered";
  const insist = (): void =>
    full.ask(
      (end) => {
        told = end;
        if (isRefused(end)) cluster.clock.schedule(ATTEMPT_MS, insist);
      },
      (actor, answer) => actor.handle.submit(hugeWrite, ATTEMPT_MS, answer),
    );
  cluster.act(insist);
  const isMoved = () => {
    const leader = cluster.leader();
    return leader !== null && leader !== full && typeof told !== "string" && !isRefused(told);
  };
  if (!cluster.runUntil(isMoved, SOON_MS)) {
    cluster.violate("L room", `node ${full.id} led with a full disk, and a set was told: ${told}`);
  }
  full.disk.capacityBytes = Number.POSITIVE_INFINITY;
}

const isRefused = (end: unknown): boolean => end instanceof Error || typeof end === "string";

const hugeWrite: Command = {
  op: "set",
  key: "huge",
  value: { kind: "text", text: "x".repeat(HUGE_CHARS) },
  condition: null,
  idempotencyKey: "huge",
};
