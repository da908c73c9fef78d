/** Gets from a node's own copy. */
import { setsOfNewKeys } from "../load/load";
import { loadScenario } from "../scenario";

const PRESENT_KEYS = 10_000;

export default loadScenario({
  name: "get-stale",
  place: 30,
  title: "Stale gets",
  about:
    "The same keys, answered from the node's own copy without asking anyone: " +
    "`consistency=stale`, which etcd calls serializable.",
  axis: "connections",
  peers: ["balsa", "etcd"],
  presentKeys: PRESENT_KEYS,
  variants: [64, 256].map((connections) => ({
    name: `${connections}`,
    load: {
      ...setsOfNewKeys,
      connections,
      setPercent: 0,
      isStale: true,
      keys: { kind: "present", count: PRESENT_KEYS },
    },
  })),
});
