import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  /** At the how-manieth write to the log from now. */
  readonly after: number;
  /** What the disk takes before it says that it is full. Units: bytes. */
  readonly bytesTaken: number;
}

/**
 * A disk that seemed to have room is full in the middle of one write, as a quota or a file system
 * that copies on write can be. Nothing of what it took may be left. A start writes no entries: it
 * is left alone.
 */
export const refusedAppend: ActionKind<Params> = {
  name: "refusedAppend",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    after: random.whole(1, 5),
    bytesTaken: random.pick([0, 10, 60, 200]),
  }),
  perform(run, { node, after, bytesTaken }) {
    const victim = run.target(node);
    let left = after;
    victim.diskFault = ({ kind, name }) => {
      const isAppend = kind === "write" && name.startsWith("log-") && victim.running !== null;
      if (!isAppend || --left > 0) return null;
      victim.diskFault = () => null;
      return { kind: "noSpace", bytesTaken };
    };
  },
};
