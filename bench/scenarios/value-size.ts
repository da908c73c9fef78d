/** Sets of larger values. */
import { setsOfNewKeys } from "../load/load";
import { loadScenario } from "../scenario";

const KIB = 1024;

export default loadScenario({
  name: "value-size",
  place: 50,
  title: "Larger values",
  about: "Sets of new keys at 64 connections; every value goes to three disks, to Redis's one.",
  axis: "value",
  peers: ["balsa", "etcd", "redis"],
  variants: [10, 100].map((size) => ({
    name: `${size} KiB`,
    load: { ...setsOfNewKeys, valueBytes: size * KIB },
  })),
});
