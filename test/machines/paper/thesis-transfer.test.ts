/** Thesis §3.10, "Leadership transfer extension". */
import { describe, expect, test } from "bun:test";
import { elect, MachineDriver, timing } from "../machine-driver";
import {
  accepted,
  appendEntries,
  appendsDrafts,
  applies,
  command,
  commandDraft,
  declinesProposals,
  hardState,
  leavesOffice,
  logOf,
  persists,
  rejected,
  requestVote,
  requestVoteReply,
  sends,
  timeoutNow,
} from "../raft-words";

const transferTo = (to: number | null) => ({
  type: "transfer.requested" as const,
  to: hardState(0, to).votedFor,
});
const proposed = (text: string) => ({
  type: "client.proposed" as const,
  commands: [command(text)],
});
/** What matters here of a step: all but the entries on their way. */
const besidesReplication = (effects: readonly { readonly type: string }[]) =>
  effects.filter((effect) => {
    const { message } = effect as { message?: { readonly type: string } };
    return message?.type !== "AppendEntries";
  });

/** Leads term 4, has met both peers; 2 holds its whole log (up to 5) and 3 all but the last. */
function leader(): MachineDriver {
  const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 2, 3) });
  node.meet(2, { last: [3, 3] });
  node.meet(3, { last: [3, 3] });
  elect(node);
  node.hear(proposed("a"));
  node.written(5);
  node.receive(2, accepted({ term: 4, match: 5 }));
  node.receive(3, accepted({ term: 4, match: 4 }));
  return node;
}

describe("Thesis §3.10 the leader's side", () => {
  test('§3.10 "sends a TimeoutNow request to the target server" that is up to date', () => {
    const node = leader();
    expect(node.hear(transferTo(2))).toEqual({
      state: "leader.transferring",
      effects: [sends(2, timeoutNow(4))],
    });
  });

  test('§3.10 "stops accepting new client requests"', () => {
    const node = leader();
    node.hear(transferTo(2));
    expect(node.hear(proposed("b"))).toEqual({
      state: "leader.transferring",
      effects: [declinesProposals(proposed("b").commands)],
    });
  });

  test("M38 a target that lags is first brought up to date", () => {
    const node = leader();
    expect(node.hear(transferTo(3))).toEqual({ state: "leader.transferring", effects: [] });
    expect(besidesReplication(node.receive(3, accepted({ term: 4, match: 4 })).effects)).toEqual(
      [],
    );
    expect(node.receive(3, accepted({ term: 4, match: 5 })).effects).toEqual([
      sends(3, timeoutNow(4)),
    ]);
  });

  test("ours: it waits until all it has appended is committed, so that nobody is in doubt", () => {
    const node = leader();
    expect(node.hear(proposed("b")).effects).toContainEqual(
      appendsDrafts([6, 4], [commandDraft("b")]),
    );
    node.receive(2, accepted({ term: 4, match: 6 }));
    expect(node.hear(transferTo(2))).toEqual({ state: "leader.transferring", effects: [] });
    expect(node.written(6).effects).toEqual([applies(6), sends(2, timeoutNow(4))]);
  });

  test("§3.10 a lost TimeoutNow is sent again with the next answer", () => {
    const node = leader();
    node.hear(transferTo(2));
    expect(node.receive(2, accepted({ term: 4, match: 5 })).effects).toEqual([
      sends(2, timeoutNow(4)),
    ]);
    expect(besidesReplication(node.receive(3, accepted({ term: 4, match: 4 })).effects)).toEqual([
      sends(2, timeoutNow(4)),
    ]);
  });

  test("§3.10 without a wish it is the furthest of the peers that it hears from", () => {
    const node = leader();
    expect(node.hear(transferTo(null)).effects).toEqual([sends(2, timeoutNow(4))]);
    const without2 = leader();
    without2.lose(2);
    without2.hear(transferTo(null));
    expect(without2.context.leadership?.transferTo as number | null).toBe(3);
  });

  test("M38 no transfer to who is no peer, out of reach, or of unknown progress", () => {
    const node = leader();
    node.lose(3);
    for (const to of [1, 3, 9]) {
      expect(node.hear(transferTo(to))).toEqual({ state: "leader.serving", effects: [] });
    }
    const unanswered = new MachineDriver({ log: logOf(1) });
    unanswered.meet(2);
    elect(unanswered);
    expect(unanswered.hear(transferTo(null))).toEqual({ state: "leader.serving", effects: [] });
  });

  test("§3.10 a second wish does not change the first", () => {
    const node = leader();
    node.hear(transferTo(3));
    expect(node.hear(transferTo(2))).toEqual({ state: "leader.transferring", effects: [] });
    expect(node.context.leadership?.transferTo as number | null).toBe(3);
  });

  test('§3.10 "if it does not complete after about an election timeout": it serves again', () => {
    const node = leader();
    node.hear(transferTo(3));
    node.elapse(timing.electionTimeoutMs / 2);
    node.receive(2, rejected({ term: 4, prev: 9, conflict: [1, null] }));
    expect(node.elapse(timing.electionTimeoutMs / 2).state).toBe("leader.serving");
    expect(node.context.leadership?.transferTo).toBeNull();
    expect(node.hear(proposed("b")).effects).toContainEqual(
      appendsDrafts([6, 4], [commandDraft("b")]),
    );
    expect(node.receive(3, accepted({ term: 4, match: 6 })).effects).toEqual([]);
  });

  test("§3.10 the target's campaign ends the office at once", () => {
    const node = leader();
    node.hear(transferTo(2));
    expect(node.receive(2, requestVote(5, [5, 4], { transfer: true }))).toEqual({
      state: "follower.awaiting",
      effects: [persists(5), leavesOffice, persists(5, 2), sends(2, requestVoteReply(5, true))],
    });
  });

  test("nobody but a leader can hand over", () => {
    const node = new MachineDriver({ log: logOf(1) });
    expect(node.hear(transferTo(2))).toEqual({ state: "follower.awaiting", effects: [] });
  });
});

describe("Thesis §3.10 the target's side", () => {
  const ask = requestVote(4, [3, 3], { transfer: true });
  const grown = { hardState: hardState(3), log: logOf(1, 2, 3) };

  test('§3.10 TimeoutNow "has the same effect as the target\'s election timer firing"', () => {
    const node = new MachineDriver(grown);
    node.receive(2, appendEntries({ term: 3, prev: [3, 3] }));
    expect(node.receive(2, timeoutNow(3))).toEqual({
      state: "candidate",
      effects: [persists(4, 1), sends(2, ask), sends(3, ask)],
    });
    node.persisted(4, 1);
    expect(node.receive(2, requestVoteReply(4, true)).state).toBe("leader.serving");
  });

  test("§4.2.3 only that campaign may break leases: the next one asks like any other", () => {
    const node = new MachineDriver(grown);
    node.receive(2, timeoutNow(3));
    node.timeOut();
    expect(node.state).toBe("preCandidate");
    node.receive(2, { type: "PreVoteReply", term: hardState(5).term, granted: true });
    expect(node.state).toBe("candidate");
    expect(node.context.election?.transfer).toBe(false);
  });

  test("§5.2 that candidate has forgotten its leader, and waits a whole election timeout", () => {
    const node = new MachineDriver(grown);
    node.receive(2, appendEntries({ term: 3, prev: [3, 3] }));
    node.receive(2, timeoutNow(3));
    expect(node.context.leaderId).toBeNull();
    expect(node.elapse(timing.electionTimeoutMs - 1).state).toBe("candidate");
  });

  test("a target that may not vote does not campaign", () => {
    const forgotten = { upTo: logOf(1, 1, 1, 1, 1).lastIndex, inTerm: hardState(3).term };
    const node = new MachineDriver({ ...grown, forgotten });
    expect(node.receive(2, timeoutNow(3))).toEqual({ state: "follower.awaiting", effects: [] });
  });

  test("who campaigns or leads already takes no notice", () => {
    const candidate = new MachineDriver(grown);
    elect(candidate);
    expect(candidate.receive(2, timeoutNow(4))).toEqual({ state: "leader.serving", effects: [] });
  });
});
