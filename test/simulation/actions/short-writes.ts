import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  /** A write takes no more. Units: bytes. */
  readonly bytesTaken: number;
  readonly ms: number;
}

/** Writes take only part of what they are given, as `write(2)` may. */
export const shortWrites: ActionKind<Params> = {
  name: "shortWrites",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    bytesTaken: random.pick([1, 20, 100]),
    ms: random.whole(5, 300),
  }),
  perform(run, { node, bytesTaken, ms }) {
    const victim = run.target(node);
    const untilMs = run.cluster.clock.nowMs + ms;
    victim.diskFault = ({ kind }) => {
      if (run.cluster.clock.nowMs > untilMs) victim.diskFault = () => null;
      return kind === "write" ? { kind: "shortWrite", bytesTaken } : null;
    };
  },
};
