/**
 * A leader changes of its own accord only what is its own: who takes part is what operators wanted.
 * One that they would be left without a majority by, it removes only by force.
 */
import { majority } from "../../src/machines/quorum";
import { configurationOf } from "../../src/machines/raft/context";
import type { RaftContext } from "../../src/machines/raft/vocabulary";
import type { SimulatedNode } from "../../src/simulation/node";
import type { ClusterObserver } from "../../src/simulation/observer";
import { type Configuration, membersOf, type NodeId } from "../../src/types";
import type { Run } from "./run";

const NAME = "I12 wanted changes";

export class WantedChanges {
  readonly #run: Run;
  /** When each node has heard of each other last, in its present life. */
  readonly #heardMs = new Map<SimulatedNode, Map<NodeId, number>>();

  constructor(run: Run) {
    this.#run = run;
  }

  readonly observer: ClusterObserver = {
    onBooted: (node) => this.#heardMs.set(node, new Map()),
    onMet: (node, { nodeId }) => this.#hear(node, nodeId),
    onReceiving: (node, { nodeId }) => this.#hear(node, nodeId),
    onChanged: (node, after, before) => {
      if (!after.leadership || !before?.leadership) return;
      if (after.configurations.at(-1) === before.configurations.at(-1)) return;
      this.#checkMembers(configurationOf(after), configurationOf(before));
      this.#checkQuorum(node, after, before);
    },
  };

  #checkMembers(after: Configuration, before: Configuration): void {
    const { operators } = this.#run;
    const isIn = (configuration: Configuration, id: NodeId) =>
      membersOf(configuration).some((member) => member.id === id);
    const added = membersOf(after).find(({ id }) => !isIn(before, id));
    if (added && !operators.hasWanted("add", added.id)) this.#violate("adds", added.id);
    const gone = membersOf(before).find(({ id }) => !isIn(after, id));
    if (gone && !operators.hasWanted("remove", gone.id)) this.#violate("removes", gone.id);
    const promoted = before.learners.find(
      ({ id, stays }) => stays && after.voters.some((voter) => voter.id === id),
    );
    if (promoted && !operators.hasWanted("promote", promoted.id)) {
      this.#violate("promotes", promoted.id);
    }
  }

  #checkQuorum(node: SimulatedNode, after: RaftContext, before: RaftContext): void {
    const { cluster, operators, scenario } = this.#run;
    const { voters } = configurationOf(after);
    const isLeft = ({ id }: { readonly id: NodeId }) => voters.some((voter) => voter.id === id);
    const gone = configurationOf(before).voters.find((voter) => !isLeft(voter));
    if (gone === undefined || operators.isForced(gone.id)) return;
    const sinceMs = cluster.clock.nowMs - 2 * scenario.setup.timing.electionTimeoutMs;
    const heard = this.#heardMs.get(node);
    const reached = voters.filter(({ id }) => id === node.id || (heard?.get(id) ?? -1) >= sinceMs);
    if (reached.length >= majority(voters.length)) return;
    const told = `${reached.length} of ${voters.length} voters are left`;
    cluster.violate(NAME, `leader ${node.id} removes ${gone.id}, and ${told}`);
  }

  #hear(node: SimulatedNode, peer: NodeId): void {
    this.#heardMs.get(node)?.set(peer, this.#run.cluster.clock.nowMs);
  }

  #violate(does: string, id: NodeId): never {
    return this.#run.cluster.violate(NAME, `a leader ${does} node ${id}, as nobody wanted`);
  }
}
