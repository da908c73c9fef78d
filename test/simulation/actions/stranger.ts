import { configurationAt } from "../../../src/machines/raft/context";
import { clusterId, nodeId } from "../../../src/types";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly who: "ofAnotherCluster" | "removed" | "itself" | "ofAnotherProtocol";
}

/** Somebody who does not belong here greets a node. Nobody must let them in (I18). */
export const stranger: ActionKind<Params> = {
  name: "stranger",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    who: random.pick(["ofAnotherCluster", "removed", "itself", "ofAnotherProtocol"] as const),
  }),
  perform(run, { node, who }) {
    const host = run.target(node);
    const hello = run.cluster.network.helloOf(host.id);
    const before = host.running?.actor.raft.context;
    if (hello === null || before === undefined) return;
    const friend = { ...hello, nodeId: nodeId((host.id % run.cluster.nodes.length) + 1) };
    const { removed: gone } = configurationAt(before, before.commitIndex).configuration;
    const [removed = null] = gone;
    const strangers = {
      ofAnotherCluster: { ...friend, clusterId: clusterId("foreign") },
      removed: removed && { ...hello, nodeId: removed.id, diskId: removed.diskId ?? hello.diskId },
      itself: hello,
      ofAnotherProtocol: { ...friend, protocolVersion: hello.protocolVersion + 1 },
    };
    const guest = strangers[who];
    if (guest === null) return;
    const letIn = () =>
      run.cluster.violate("I18 strangers change nothing", `node ${host.id} lets in ${who}`);
    run.cluster.network.knock(host.id, guest, (refusal) => {
      if (refusal === null) letIn();
    });
    if (host.running?.actor.raft.context !== before) letIn();
  },
};
