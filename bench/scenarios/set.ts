/** Sets, from one client to a thousand. */
import { setsOfNewKeys } from "../load/load";
import { loadScenario } from "../scenario";

const CONNECTIONS = [1, 16, 64, 256, 1000];

export default loadScenario({
  name: "set",
  place: 10,
  title: "Sets",
  about:
    "256-byte values on keys that nobody has set before, through the leader. Every OK is on the " +
    "disks of a majority (of the one machine, for Redis).",
  axis: "connections",
  peers: ["balsa", "etcd", "redis", "floor"],
  variants: CONNECTIONS.map((connections) => ({
    name: `${connections}`,
    load: { ...setsOfNewKeys, connections },
  })),
});
