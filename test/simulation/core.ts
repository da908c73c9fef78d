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

/** Whether the node is where this configuration says. */
const places = ({ cluster }: Run, configuration: Configuration, { id }: SimulatedNode): boolean =>
  membersOf(configuration).some(
    (member) => member.id === id && member.peerAddress === cluster.network.addressOf(id),
  );

/**
 * Whether a node has moved and lost another. A node dials whom its log places; whoever leads holds
 * every committed entry (Raft §5.4), so it finds all that the committed configuration places. One
 * that is elsewhere must find the others by its own log. Where that does not place them either,
 * because they came while it was away, neither ever dials the other: only an operator brings them
 * together, who starts it where it was. A third that both find may tell the cluster, if it leads;
 * who will lead is not known beforehand.
 */
function hasLost(run: Run, node: SimulatedNode, other: SimulatedNode): boolean {
  const { cluster, configuration, ghost } = run;
  if (places(run, configuration, node)) return false;
  return !places(run, ghost.configurationOn(node) ?? cluster.recipe.founders, other);
}

/** Whether its log binds nobody: then it holds what it was founded with, and nothing more. */
const isBlank = ({ ghost }: Run, node: SimulatedNode): boolean =>
  ghost.configurationOn(node)?.voters.every(({ diskId }) => diskId === null) ?? true;

/**
 * The core that was drawn, but others instead of those whose disks have lost something, of those
 * that have moved and lost the rest, and of those that the cluster has not come to know yet: their
 * votes do not count before their disks are bound. Who must only catch up, become known, or learns,
 * is welcome beside a majority of the others; but not to those who all hold nothing: they speak for
 * its log, which may not vote, until it is taken away. Empty where there is no such majority.
 */
export function coreOf(run: Run): readonly SimulatedNode[] {
  const { cluster, configuration, ghost, mayForget, mustCatchUp, scenario } = run;
  const isDrawn = ({ id }: SimulatedNode) => scenario.core.includes(id);
  const isThere = (node: SimulatedNode) => places(run, configuration, node);
  // Rather one that moved is left out than those whom it has lost.
  const sound = cluster.nodes
    .filter((node) => !mayForget(node))
    .sort((a, b) => Number(isThere(b)) - Number(isThere(a)));
  const core: SimulatedNode[] = [];
  const isInTouch = (node: SimulatedNode) =>
    core.every((other) => !hasLost(run, node, other) && !hasLost(run, other, node));
  for (const node of sound) {
    const isWanted = isDrawn(node) && isAmong(knownVoters(configuration), node);
    if (isWanted && isInTouch(node)) core.push(node);
  }
  const inQuestion = () => [configuration, ...ghost.pendingOf(core)];
  for (;;) {
    const lacking = inQuestion().find((one) => !isMajority(one, core));
    if (lacking === undefined) break;
    const known = knownVoters(lacking);
    const spare = sound.find(
      (node) => isAmong(known, node) && !core.includes(node) && isInTouch(node),
    );
    if (spare === undefined) return [];
    core.push(spare);
  }
  const holdsNothing = core.every((node) => isBlank(run, node));
  const mayOnlyCatchUp = (node: SimulatedNode) =>
    mustCatchUp(node) && !(holdsNothing && !isBlank(run, node));
  const guests = cluster.nodes.filter(
    (node) =>
      isDrawn(node) &&
      !core.includes(node) &&
      isAmong(membersOf(configuration), node) &&
      isInTouch(node) &&
      (!mayForget(node) || mayOnlyCatchUp(node)),
  );
  return [...core, ...guests];
}

/** Those who have left for good and know where some of the core is, so that they can be told. */
export function leaversOf(run: Run, core: readonly SimulatedNode[]): readonly SimulatedNode[] {
  const { cluster, configuration } = run;
  return cluster.nodes.filter((node) => {
    const context = node.running?.actor.raft.context;
    if (!context || !isAmong(configuration.removed, node)) return false;
    return core.some((member) => places(run, configurationOf(context), member));
  });
}
