/** A simulated cluster that is looked at as in production, through an observatory on each node. */
import { assert } from "../../src/assert";
import { Observatory } from "../../src/observe/observatory";
import type { Transition } from "../../src/observe/transition";
import type { Why } from "../../src/observe/why/why";
import {
  type NodeRef,
  type Simulation,
  type SimulationOptions,
  simulate,
} from "../../src/simulation";
import type { NodeId } from "../../src/types";

export class WatchedCluster {
  readonly sim: Simulation;
  /** Of the present life of each node. */
  readonly #observatories = new Map<NodeId, Observatory>();
  readonly #story: Transition[] = [];
  readonly #heard = new Map<NodeId, number>();

  constructor(options: SimulationOptions) {
    this.sim = simulate({
      ...options,
      watch: (node, { clock, identity, recovered }) => {
        const observatory = new Observatory({
          identity,
          recovered,
          files: node.disk.mount(clock),
          clock,
          logger: () => {},
          look: () => {
            assert(node.running !== null, "who is looked at runs");
            return node.running.actor.situation();
          },
        });
        this.#observatories.set(node.id, observatory);
        clock.defer(() => observatory.start());
        return observatory.watch;
      },
    });
    this.#listen();
    this.sim.cluster.observe({ onEvent: () => this.#listen() });
  }

  observatory(ref: NodeRef): Observatory {
    const observatory = this.#observatories.get(this.sim.node(ref).id);
    assert(observatory !== undefined, "every node is looked at");
    return observatory;
  }

  why(ref: NodeRef): Why {
    return this.observatory(ref).why().why;
  }

  /** What a node's machines did, of one kind or all; earlier lives too. */
  transitions(ref: NodeRef, machine: string | null = null): readonly Transition[] {
    return this.observatory(ref).transitions({ machine, from: null }, Number.POSITIVE_INFINITY)
      .items;
  }

  /** The same of the whole cluster, one line each, as it happened. */
  story(machine: string): readonly string[] {
    return this.#story.filter((told) => told.machine === machine).map(lineOf);
  }

  #listen(): void {
    for (const { id } of this.sim.nodes) {
      const heard = this.#heard.get(id) ?? 0;
      const news = this.transitions(id).filter(({ seq }) => seq > heard);
      this.#story.push(...news);
      this.#heard.set(id, heard + news.length);
    }
  }
}

/** "node 1 raft: candidate → leader.serving, won term 1 with 2 of 3 votes (nodes 1 and 2)". */
export const lineOf = ({ from, machine, node, reason, to }: Transition): string =>
  `node ${node} ${machine}: ${from ?? "·"} → ${to ?? "·"}, ${reason}`;
