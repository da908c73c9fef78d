import { raftKinds } from "../../../src/codec/raft-messages";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { DiskId, LogIndex, NodeId, Term } from "../../../src/types";
import { logIndex } from "../../../src/types";
import type { Ghost } from "../ghost";
import type { Invariant } from "../invariant";

/** What one disk has acknowledged; in `open` what nobody knows yet to be committed. */
interface Promised {
  /** The last acknowledged entry that is committed. */
  committed: LogIndex;
  open: Acknowledged[];
}

interface Acknowledged {
  readonly index: LogIndex;
  readonly chain: number | undefined;
  /** Of the leader who was told. */
  readonly term: Term;
}

/**
 * The last entry among those that were acknowledged which voters have committed, this one among
 * them: nobody counts on a learner, nor on one whom the entry removes.
 */
function settle(promised: Promised, ghost: Ghost, own: NodeId): LogIndex {
  const { committedIndex } = ghost;
  for (const { chain, index } of promised.open) {
    if (index > committedIndex || index <= promised.committed) continue;
    const isVoter = ghost.votersOf(index)?.some(({ id }) => id === own) === true;
    if (isVoter && ghost.committedChain(index) === chain) promised.committed = index;
  }
  promised.open = promised.open.filter(({ index }) => index > committedIndex);
  return promised.committed;
}

/**
 * I17: who has acknowledged a committed entry and holds it no more, gives no vote and no
 * acknowledgement that counts, until it holds it again: a quorum counts on it.
 */
export const quarantine: Invariant = {
  name: "I17 quarantine",
  watch: ({ ghost }, violate) => {
    const promises = new Map<DiskId, Promised>();
    const check = (node: SimulatedNode, promised: Promised, what: string) => {
      const index = settle(promised, ghost, node.id);
      if (ghost.holdsCommitted(node, index)) return;
      violate(`node ${node.id} sends ${what}, and has lost entry ${index} that it acknowledged`);
    };
    return {
      onAppended({ id, running }, [first], replaced) {
        if (running === null || first === undefined || replaced === 0) return;
        const promised = promises.get(running.identity.diskId);
        if (promised === undefined) return;
        settle(promised, ghost, id);
        // A later leader had it replaced. Should what was there be committed after all, which yet
        // another leader may do that holds it, then nobody counts on this node for it. The leader
        // that it was acknowledged to counts on it whatever has come of it here.
        const { currentTerm } = running.actor.raft.context;
        const isKept = ({ index, term }: Acknowledged) =>
          index < first.index || term === currentTerm;
        promised.open = promised.open.filter(isKept);
      },
      onSent(sender, sent) {
        const isOfInterest =
          sent.kind === raftKinds.AppendEntriesReply ||
          sent.kind === raftKinds.RequestVoteReply ||
          sent.kind === raftKinds.PreVoteReply;
        const disk = sender.running?.identity.diskId;
        if (disk === undefined || !isOfInterest || sent.decoded.kind !== "raft") return;
        const { message } = sent.decoded;
        const promised = promises.get(disk) ?? { committed: logIndex(0), open: [] };
        promises.set(disk, promised);
        if (message.type === "AppendEntriesReply") {
          if (!message.accepted || !message.counts) return;
          check(sender, promised, "an acknowledgement");
          const { matchIndex: index, term } = message;
          const last = promised.open.at(-1);
          if (index === last?.index && term === last.term) return;
          promised.open.push({ index, chain: sender.witness.chainAt(index), term });
        } else if (message.type !== "RequestVoteReply" && message.type !== "PreVoteReply") return;
        else if (message.granted) check(sender, promised, "a vote");
      },
    };
  },
};
