import type { DiskOperation } from "../../../src/simulation/disk-faults";
import { type ActionKind, drawTarget, type Target } from "../scenario";

/** The places of one effect after which the next one never comes. */
const places = [
  { kind: "write", file: "log-" },
  { kind: "sync", file: "log-" },
  { kind: "create", file: "log-" },
  { kind: "write", file: "hard-state" },
  { kind: "sync", file: "hard-state" },
  { kind: "syncDirectory", file: "" },
  { kind: "remove", file: "log-" },
  { kind: "create", file: "snapshot-" },
  { kind: "write", file: "snapshot-" },
  { kind: "sync", file: "snapshot-" },
  { kind: "rename", file: "snapshot-" },
  { kind: "remove", file: "snapshot-" },
  { kind: "send", file: "" },
] as const;

interface Params {
  readonly node: Target;
  readonly place: { readonly kind: DiskOperation["kind"] | "send"; readonly file: string };
  /** At the how-manieth such operation from now. */
  readonly after: number;
  readonly downMs: number;
}

/** The machine dies between two effects of one step: before a write, a sync, a message. */
export const crashWithin: ActionKind<Params> = {
  name: "crashWithin",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    place: random.pick(places),
    after: random.whole(1, 8),
    downMs: random.whole(1, 400),
  }),
  perform(run, { node, place, after, downMs }) {
    const victim = run.target(node);
    let left = after;
    const isDue = () => {
      if (--left > 0) return false;
      disarm();
      run.later(downMs, () => victim.boot());
      return true;
    };
    const disarm = () => {
      victim.diesBeforeSend = () => false;
      victim.diskFault = () => null;
    };
    if (place.kind === "send") victim.diesBeforeSend = isDue;
    else {
      victim.diskFault = ({ kind, name }) => {
        const isPlace = kind === place.kind && name.startsWith(place.file);
        return isPlace && isDue() ? { kind: "crash" } : null;
      };
    }
  },
};
