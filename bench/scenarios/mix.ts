/** Gets and sets together. */
import { setsOfNewKeys } from "../load/load";
import { loadScenario } from "../scenario";

const PRESENT_KEYS = 10_000;

export default loadScenario({
  name: "mix",
  place: 40,
  title: "Gets and sets mixed",
  about: "Linearizable gets and sets of 10,000 present keys at random, at 64 connections.",
  axis: "gets/sets",
  peers: ["balsa", "etcd"],
  presentKeys: PRESENT_KEYS,
  variants: [50, 10].map((setPercent) => ({
    name: `${100 - setPercent}/${setPercent}`,
    load: { ...setsOfNewKeys, setPercent, keys: { kind: "present", count: PRESENT_KEYS } },
  })),
});
