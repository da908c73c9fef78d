/** Clients of a follower. */
import { type Load, setsOfNewKeys } from "../load/load";
import { loadScenario } from "../scenario";

const PRESENT_KEYS = 10_000;
const viaFollower: Load = { ...setsOfNewKeys, entrance: "follower" };

export default loadScenario({
  name: "follower",
  place: 60,
  title: "Through a follower",
  about:
    "All clients are connected to a node that does not lead. It forwards sets to the leader, and " +
    "answers linearizable gets itself after asking the leader how far it must be.",
  axis: "load",
  peers: ["balsa", "etcd"],
  presentKeys: PRESENT_KEYS,
  variants: [
    { name: "set, 64", load: viaFollower },
    { name: "set, 256", load: { ...viaFollower, connections: 256 } },
    {
      name: "get, 64",
      load: { ...viaFollower, setPercent: 0, keys: { kind: "present", count: PRESENT_KEYS } },
    },
  ],
});
