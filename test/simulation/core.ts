/**
 * Who is healed for the liveness phase. A cluster owes progress to a majority of its voters: of the
 * configuration that is committed, and of each that a node of the core may come to go by.
 */
import { majority } from "../../src/machines/quorum";
import { configurationOf } from "../../src/machines/raft/context";
import type { SimulatedNode } from "../../src/simulation/node";
import { type Configuration, membersOf, type NodeId } from "../../src/types";
import type { Run } from "./run";

const isAmong = (members: readonly { readonly id: NodeId }[], { id }: SimulatedNode): boolean =>
  members.some((member) => member.id === id);

/** Those whose votes count, once the cluster has come to know any disk. */
function knownVoters({ voters }: Configuration) {
  const bound = voters.filter(({ diskId }) => diskId !== null);
  return bound.length === 0 ? voters : bound;
}

function isMajority(configuration: Configuration, nodes: readonly SimulatedNode[]): boolean {
  const known = knownVoters(configuration);
  const counted = nodes.filter((node) => isAmong(known, node)).length;
  return counted >= majority(configuration.voters.length);
}

/**
 * The core that was drawn, but others instead of those whose disks have lost something, and of
 * those that the cluster has not come to know yet: their votes do not count before their disks are
 * bound. Who must only catch up, become known, or learns, is welcome beside a majority of the
 * others. Empty where there is no such majority.
 */
export function coreOf(run: Run): readonly SimulatedNode[] {
  const { cluster, configuration, ghost, mayForget, mustCatchUp, scenario } = run;
  const isDrawn = ({ id }: SimulatedNode) => scenario.core.includes(id);
  const sound = cluster.nodes.filter((node) => !mayForget(node));
  const core = sound.filter((node) => isDrawn(node) && isAmong(knownVoters(configuration), node));
  const inQuestion = () => [configuration, ...ghost.pendingOf(core)];
  for (;;) {
    const lacking = inQuestion().find((one) => !isMajority(one, core));
    if (lacking === undefined) break;
    const known = knownVoters(lacking);
    const spare = sound.find((node) => isAmong(known, node) && !core.includes(node));
    if (spare === undefined) return [];
    core.push(spare);
  }
  const guests = cluster.nodes.filter(
    (node) =>
      isDrawn(node) &&
      !core.includes(node) &&
      isAmong(membersOf(configuration), node) &&
      (!mayForget(node) || mustCatchUp(node)),
  );
  return [...core, ...guests];
}

/** Those who have left for good and know where some of the core is, so that they can be told. */
export function leaversOf(
  { cluster, configuration }: Run,
  core: readonly SimulatedNode[],
): readonly SimulatedNode[] {
  return cluster.nodes.filter((node) => {
    const context = node.running?.actor.raft.context;
    if (!context || !isAmong(configuration.removed, node)) return false;
    return membersOf(configurationOf(context)).some(
      ({ id, peerAddress }) =>
        core.some((member) => member.id === id) && cluster.network.addressOf(id) === peerAddress,
    );
  });
}
