import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import type { RaftMessage } from "../../../src/messages";
import { isRaftMessage } from "../../../src/simulation/observer";
import {
  type Configuration,
  type DiskId,
  type LogIndex,
  membersOf,
  type NodeId,
} from "../../../src/types";
import type { Invariant } from "../invariant";
import { wayOf } from "../places";

/** The furthest that a disk has acknowledged, so as to be counted; 0 for its vote alone. */
type Given = Map<DiskId, number>;

const diskOf = (configuration: Configuration, id: NodeId): DiskId | null =>
  membersOf(configuration).find((member) => member.id === id)?.diskId ?? null;

/** Whether the log of a node lets it count this disk as that voter. */
function isTrusted(context: RaftContext, commitIndex: LogIndex, id: NodeId, disk: DiskId) {
  const latest = context.configurations.at(-1)?.configuration;
  const committed = context.configurations.findLast(({ index }) => index <= commitIndex);
  if (latest === undefined || committed === undefined) return false;
  const bound = diskOf(latest, id);
  const isPlain = committed.configuration.voters.every(({ diskId }) => diskId === null);
  const isLearner = latest.learners.some((learner) => learner.id === id);
  return bound === disk || (bound === null && isPlain && !isLearner);
}

interface Gift {
  readonly what: "match" | "RequestVoteReply" | "PreVoteReply";
  readonly upTo: number;
}

/** What a message gives to who receives it in this term; null for nothing. */
function givenBy(message: RaftMessage): Gift | null {
  if (message.type === "AppendEntriesReply") {
    const isCounted = message.accepted && message.counts;
    return isCounted ? { what: "match", upTo: message.matchIndex } : null;
  }
  const isVote = message.type === "RequestVoteReply" || message.type === "PreVoteReply";
  return isVote && message.granted ? { what: message.type, upTo: 0 } : null;
}

/**
 * I16, I18: only such votes and acknowledgements count as were given in this very term, to count,
 * and by the disk that the cluster knows the voter by.
 */
export const trustedDisks: Invariant = {
  name: "I16 trusted disks",
  watch: (_, violate) => {
    const given: Readonly<Record<Gift["what"], Map<number, Given>>> = {
      match: new Map(),
      RequestVoteReply: new Map(),
      PreVoteReply: new Map(),
    };
    return {
      onSent(sender, { bytes, decoded, to }) {
        const disk = sender.running?.identity.diskId;
        if (disk === undefined || !isRaftMessage(bytes) || decoded.kind !== "raft") return;
        const gift = givenBy(decoded.message);
        if (gift === null) return;
        const way = wayOf(decoded.message.term, sender.id, to);
        const known = given[gift.what].get(way) ?? new Map<DiskId, number>();
        given[gift.what].set(way, known.set(disk, Math.max(known.get(disk) ?? 0, gift.upTo)));
      },
      onChanged(node, after, before) {
        const { currentTerm, election, leadership } = after;
        // What it knew to be committed when it counted, before what this very event committed.
        const { commitIndex } = before ?? after;
        const check = (what: Gift["what"], term: number, from: NodeId, upTo: number) => {
          const gifts = [...(given[what].get(wayOf(term, from, node.id)) ?? [])];
          const isFair = gifts.some(
            ([disk, most]) => most >= upTo && isTrusted(after, commitIndex, from, disk),
          );
          if (!isFair) violate(`node ${node.id} counts ${from} (${what} ${upTo}) in term ${term}`);
        };
        for (const id of election?.granted ?? []) {
          if (id === node.id || before?.election?.granted.has(id)) continue;
          const isForVote =
            after.votedFor === node.id &&
            given.RequestVoteReply.has(wayOf(currentTerm, id, node.id));
          if (isForVote) check("RequestVoteReply", currentTerm, id, 0);
          else check("PreVoteReply", currentTerm + 1, id, 0);
        }
        const earlier = before?.currentTerm === currentTerm ? before.leadership : null;
        if (leadership?.matchIndex === earlier?.matchIndex) return;
        for (const [id, match] of leadership?.matchIndex ?? []) {
          if (match > (earlier?.matchIndex.get(id) ?? 0)) check("match", currentTerm, id, match);
        }
      },
    };
  },
};
