/**
 * "Sometimes" marks: what must happen in some of many runs, or the search has been looking where
 * nothing is. A new mark is a line here.
 */
import { raftKinds } from "../../src/codec/raft-messages";
import { configurationAt } from "../../src/machines/raft/context";
import type { RaftContext } from "../../src/machines/raft/vocabulary";
import type { InstallSnapshot } from "../../src/messages";
import type { SimulatedNode } from "../../src/simulation/node";
import type { ClusterObserver, SentMessage } from "../../src/simulation/observer";
import { type Configuration, membersOf, type NodeId } from "../../src/types";
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

/** A node goes by another configuration than the one before it. */
const sometimesConfigured = (isReached: (after: Configuration, before: Configuration) => boolean) =>
  sometimesChanged((_, { configurations }, before) => {
    if (configurations === before?.configurations) return false;
    const [earlier, latest] = configurations.slice(-2);
    return Boolean(earlier && latest && isReached(latest.configuration, earlier.configuration));
  });

/** An operator is told so. */
const sometimesTold =
  (pattern: RegExp): Mark =>
  (reach, { operators }) => {
    let heard = 0;
    return {
      onEvent() {
        if (operators.ends.size === heard) return;
        heard = operators.ends.size;
        if ([...operators.ends.keys()].some((end) => pattern.test(end))) reach();
      },
    };
  };

/** The leader has just committed entries of earlier terms along with one of its own. */
const commitsEarlierTerm: Changed = ({ witness }, after, before) =>
  after.leadership !== null &&
  before !== null &&
  after.commitIndex > before.commitIndex &&
  witness.termAt((before.commitIndex + 1) as typeof before.commitIndex) < after.currentTerm;

/** A snapshot has come in whole and taken the place of what was there. */
export const installs: Changed = (_, after, before) =>
  Boolean(
    before?.receiving &&
      after.snapshot !== before.snapshot &&
      after.snapshot?.checksum === before.receiving.snapshot.checksum,
  );

function snapshotIn(sent: SentMessage): InstallSnapshot | null {
  if (sent.kind !== raftKinds.InstallSnapshot || sent.decoded.kind !== "raft") return null;
  const { message } = sent.decoded;
  return message.type === "InstallSnapshot" ? message : null;
}

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
    Boolean(
      before?.configurations.some(
        (entry) => entry.index > after.commitIndex && !after.configurations.includes(entry),
      ),
    ),
  ),
  "a learner was promoted": sometimesConfigured((after, before) =>
    after.voters.some(({ id }) => before.learners.some((learner) => learner.id === id)),
  ),
  "a member moved": sometimesConfigured((after, before) =>
    membersOf(after).some(({ id, peerAddress }) =>
      membersOf(before).some((member) => member.id === id && member.peerAddress !== peerAddress),
    ),
  ),
  "a leader was removed": sometimesChanged(({ id }, after, before) =>
    Boolean(
      before?.leadership &&
        !after.leadership &&
        configurationAt(after, after.commitIndex).configuration.removed.some(
          (member) => member.id === id,
        ),
    ),
  ),
  "a removed node was told": (reach) => ({
    onEnded: (_, { kind }) => {
      if (kind === "removed") reach();
    },
  }),
  "a node joined by snapshot": sometimesChanged((node, after, before) =>
    Boolean(before && before.log.lastIndex === 0 && installs(node, after, before)),
  ),
  "a change was refused for quorum": sometimesTold(/voters: .* needed, .* reachable/),
  "two operators collided": sometimesTold(/one at a time/),
  "a follower replaced part of its log": (reach) => ({
    onAppended: (_, __, replaced) => {
      if (replaced > 0) reach();
    },
  }),
  "a log was cut": sometimesChanged((_, after, before) =>
    Boolean(
      before &&
        after.log.baseIndex > before.log.baseIndex &&
        after.generation === before.generation,
    ),
  ),
  "a node restarted from a snapshot": sometimesBooted((node) =>
    Boolean(node.running?.recovered.snapshot),
  ),
  "an older snapshot stood in for a damaged one": sometimesBooted(({ running }) =>
    Boolean(running?.recovered.snapshot && running.recovered.damagedSnapshots.length > 0),
  ),
  "a snapshot was installed": sometimesChanged(installs),
  "a snapshot was refused as stale": (reach, { cluster }) => ({
    onSent(_, sent) {
      const message = snapshotIn(sent);
      const commitIndex = cluster.node(sent.to).running?.actor.raft.context.commitIndex ?? 0;
      if (message && message.snapshot.lastIndex <= commitIndex) reach();
    },
  }),
  "an install was interrupted and went on": (reach) => {
    /** By receiver: how much of which snapshot it was sent, and whether some of it twice. */
    const sentTo = new Map<NodeId, { checksum: number; bytes: number; isRepeated: boolean }>();
    return {
      onSent(_, sent) {
        const message = snapshotIn(sent);
        if (!message) return;
        const { bytes, offset, snapshot } = message;
        const { checksum } = snapshot;
        const known = sentTo.get(sent.to);
        const so = known?.checksum === checksum ? known : { checksum, bytes: 0, isRepeated: false };
        if (offset > 0 && offset < so.bytes) so.isRepeated = true;
        so.bytes = Math.max(so.bytes, offset + bytes.length);
        sentTo.set(sent.to, so);
      },
      onChanged(node, after, before) {
        const sent = sentTo.get(node.id);
        const isSame = sent?.isRepeated && sent.checksum === after.snapshot?.checksum;
        if (isSame && installs(node, after, before)) reach();
      },
    };
  },
  "a full leader handed over": sometimesChanged((_, after, before) => {
    const { lastHandOver, transferTo } = before?.leadership ?? {};
    return transferTo != null && transferTo === lastHandOver?.to && after.votedFor === transferTo;
  }),
  "a full node was elected": sometimesChanged((_, after, before) =>
    Boolean(after.leadership && !before?.leadership && after.fullDisks.has(after.id)),
  ),
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
