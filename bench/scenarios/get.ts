/** Linearizable gets. */
import { setsOfNewKeys } from "../load/load";
import { loadScenario } from "../scenario";

const PRESENT_KEYS = 10_000;

export default loadScenario({
  name: "get",
  place: 20,
  title: "Linearizable gets",
  about:
    "One of 10,000 present keys at random, by the leader, which first makes sure with a majority " +
    "that it still leads. (Redis has nobody to ask.)",
  axis: "connections",
  peers: ["balsa", "etcd", "redis"],
  presentKeys: PRESENT_KEYS,
  variants: [1, 64, 256].map((connections) => ({
    name: `${connections}`,
    load: {
      ...setsOfNewKeys,
      connections,
      setPercent: 0,
      keys: { kind: "present", count: PRESENT_KEYS },
    },
  })),
});
