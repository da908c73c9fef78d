/**
 * "Sometimes" marks: what must happen in some of many runs, or the search has been looking where
 * nothing is. A new mark is a line here.
 */
import { raftKinds } from "../../src/codec/raft-messages";
import type { RaftContext } from "../../src/machines/raft/vocabulary";
import type { SimulatedNode } from "../../src/simulation/node";
import type { ClusterObserver } from "../../src/simulation/observer";
import type { Run } from "./run";

type Mark = (reach: () => void, run: Run) => ClusterObserver;
type Changed = (node: SimulatedNode, after: RaftContext, before: RaftContext | null) => boolean;

const sometimesChanged =
  (isReached: Changed): Mark =>
  (reach) => ({
    onChanged(node, after, before) {
      if (isReached(node, after, before)) reach();
    },
  });

const sometimesSent =
  (kind: number): Mark =>
  (reach) => ({
    onSent: (_, sent) => {
      if (sent.kind === kind) reach();
    },
  });

const sometimesBooted =
  (isReached: (node: SimulatedNode) => boolean): Mark =>
  (reach) => ({
    onBooted(node) {
      if (isReached(node)) reach();
    },
  });

/** The leader has just committed entries of earlier terms along with one of its own. */
const commitsEarlierTerm: Changed = ({ witness }, after, before) =>
  after.leadership !== null &&
  before !== null &&
  after.commitIndex > before.commitIndex &&
  witness.termAt((before.commitIndex + 1) as typeof before.commitIndex) < after.currentTerm;

const marks: Readonly<Record<string, Mark>> = {
  "a leader was deposed": sometimesChanged((_, after, before) =>
    Boolean(before?.leadership && after.leadership === null),
  ),
  "an election had no winner": (reach) => {
    const candidates = new Set<SimulatedNode>();
    return {
      onChanged(node) {
        const state = node.running?.actor.raft.standing.state;
        if (state === "candidate") candidates.add(node);
        else if (candidates.delete(node) && state === "preCandidate") reach();
      },
    };
  },
  "a candidate became a follower": sometimesChanged((_, after, before) =>
    Boolean(before?.election && !after.election && !after.leadership),
  ),
  "entries of an earlier term were committed": sometimesChanged(commitsEarlierTerm),
  "a configuration was rolled back": sometimesChanged((_, after, before) =>
    Boolean(before?.configurations.some((entry) => !after.configurations.includes(entry))),
  ),
  "a follower replaced part of its log": (reach) => ({
    onAppended: (_, __, replaced) => {
      if (replaced > 0) reach();
    },
  }),
  "an office was handed over": sometimesSent(raftKinds.TimeoutNow),
  "a torn tail was trimmed": sometimesBooted((node) => Boolean(node.running?.recovered.trimmed)),
  "a node came back having forgotten": sometimesBooted(
    (node) => typeof node.running?.recovered.forgottenUpTo === "number",
  ),
  "a node that had forgotten counted again": sometimesChanged((_, after, before) =>
    Boolean(before?.forgotten && after.forgotten === null),
  ),
  "a node stopped for a typed reason": (reach) => ({
    onEnded: (_, { kind }) => {
      if (kind === "stopped") reach();
    },
  }),
  "a log had no room": (reach, { cluster }) => ({
    onEvent() {
      if (cluster.nodes.some(({ disk }) => disk.roomBytes < LITTLE_BYTES)) reach();
    },
  }),
  "a client was left in doubt": (reach, { clients }) => ({
    onEvent: () => {
      if (clients.ends.has("unknown")) reach();
    },
  }),
};

/** Less than a batch. */
const LITTLE_BYTES = 256;

export const markNames: readonly string[] = Object.keys(marks);

/** The names of those that a run reaches, as it does. */
export function watchMarks(run: Run): ReadonlySet<string> {
  const reached = new Set<string>();
  for (const [name, mark] of Object.entries(marks)) {
    run.cluster.observe(mark(() => reached.add(name), run));
  }
  return reached;
}
