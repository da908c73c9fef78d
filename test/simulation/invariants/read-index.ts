import type { Invariant } from "../invariant";

/**
 * I15: "the leader saves its current commitIndex" as the read index once it has committed an entry
 * of its own term, and confirms it by "a new round of heartbeats", issued afterwards (Thesis §6.4).
 */
export const readIndexRule: Invariant = {
  name: "I15 read index",
  watch: (_, violate) => ({
    onChanged(node, { commitIndex, currentTerm, leadership }, before) {
      if (leadership === null || leadership.waitingReads === before?.leadership?.waitingReads) {
        return;
      }
      const earlier = before?.currentTerm === currentTerm ? before.leadership : null;
      const waiting = new Set(leadership.waitingReads.map(({ read }) => read));
      for (const { read, token } of earlier?.waitingReads ?? []) {
        // One that had to wait for the term's first commit is owed the next round.
        const owed = token?.round ?? (earlier?.round ?? 0) + 1;
        if (waiting.has(read) || leadership.quorumRound >= owed) continue;
        violate(`leader ${node.id} ends read ${read} of round ${owed}, which nobody confirmed`);
      }
      const known = new Set(earlier?.waitingReads.map(({ token }) => token));
      for (const { read, token } of leadership.waitingReads) {
        if (token === null || known.has(token)) continue;
        const { readIndex, round } = token;
        if (round <= (earlier?.round ?? 0)) {
          violate(`leader ${node.id} confirms read ${read} by round ${round}, sent before it`);
        }
        if (readIndex !== commitIndex) {
          violate(`leader ${node.id} reads at ${readIndex}, committed are ${commitIndex}`);
        }
        if (node.witness.termAt(readIndex) !== currentTerm) {
          violate(`leader ${node.id} takes read index ${readIndex} of an earlier term`);
        }
      }
    },
  }),
};
