import { clusterId, diskId, nodeId } from "../../../src/types";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly who: "ofAnotherCluster" | "nobody" | "itself" | "ofAnotherProtocol";
}

/** Somebody who does not belong here greets a node. Nobody must let them in (I18). */
export const stranger: ActionKind<Params> = {
  name: "stranger",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    who: random.pick(["ofAnotherCluster", "nobody", "itself", "ofAnotherProtocol"] as const),
  }),
  perform(run, { node, who }) {
    const host = run.target(node);
    const hello = run.cluster.network.helloOf(host.id);
    const before = host.running?.actor.raft.context;
    if (hello === null || before === undefined) return;
    const friend = { ...hello, nodeId: nodeId((host.id % run.cluster.nodes.length) + 1) };
    const strangers = {
      ofAnotherCluster: { ...friend, clusterId: clusterId("foreign") },
      nobody: { ...friend, nodeId: nodeId(99), diskId: diskId("foreign") },
      itself: hello,
      ofAnotherProtocol: { ...friend, protocolVersion: hello.protocolVersion + 1 },
    };
    const letIn = () =>
      run.cluster.violate("I18 strangers change nothing", `node ${host.id} lets in ${who}`);
    run.cluster.network.knock(host.id, strangers[who], (refusal) => {
      if (refusal === null) letIn();
    });
    if (host.running?.actor.raft.context !== before) letIn();
  },
};
