/**
 * Two nodes are left. One has the longer log and an old term; the other a higher term, from an
 * election that nobody heard of, and a shorter log. Only the first can be elected, and only after
 * it has learnt the term.
 */
import { demandProgress } from "../liveness";
import type { Script } from "./script";

const stateOf = (node: { running: { actor: { raft: { standing: { state: string } } } } | null }) =>
  node.running?.actor.raft.standing.state;

export const longLogBehindInTerm: Script = {
  seedsMax: 10,
  play({ kit, run }) {
    const leader = kit.leader();
    kit.run(1000);
    const [loner, friend] = kit.others(leader);
    if (loner === undefined || friend === undefined) throw new Error("three nodes");
    // The loner becomes candidate with its friend's pre-vote, but its RequestVote arrives nowhere.
    kit.partition([loner, friend], [leader]);
    kit.pause(leader);
    kit.until(() => [loner, friend].some((node) => stateOf(node) === "preCandidate"));
    kit.until(() => [loner, friend].some((node) => stateOf(node) === "candidate"));
    const ahead = stateOf(loner) === "candidate" ? loner : friend;
    const behind = ahead === loner ? friend : loner;
    kit.partition([leader, behind], [ahead]);
    kit.resume(leader);
    kit.until(() => (ahead.durableHardState.term ?? 0) > (behind.durableHardState.term ?? 0));
    kit.losePower(ahead);
    kit.set("key", "kept", { on: behind }).wait();
    kit.run(200);
    kit.losePower(leader);
    kit.boot(ahead);
    demandProgress(run, [ahead, behind]);
  },
};
