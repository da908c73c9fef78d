/** What arrives on a link: from whom it is taken, and whom it reaches. */
import { describe, expect, test } from "bun:test";
import { Gate } from "../../src/actors/gate";
import { Inbox, type InboxOptions } from "../../src/actors/inbox";
import { RoundClock } from "../../src/actors/round-clock";
import { decodePeerMessage, encodePeerMessage } from "../../src/codec/messages";
import type { PeerMessage, RaftMessage } from "../../src/messages";
import { Life } from "../../src/simulation/life";
import { Seeded } from "../../src/simulation/seeded";
import { VirtualClock } from "../../src/simulation/virtual-clock";
import {
  clusterId,
  type DiskId,
  diskId,
  incarnation,
  logIndex,
  nodeId,
  term,
} from "../../src/types";
import { helloOf } from "../codec/greeting-fixture";
import { entries } from "../codec/sample-messages";
import { MachineDriver } from "../machines/machine-driver";
import {
  appendEntries,
  diskOf,
  entryAt,
  hardState,
  logOf,
  requestVoteReply,
  votersUpTo,
} from "../machines/raft-words";

const replaced = diskId("replaced");

const report = {
  role: "Follower",
  term: term(3),
  commitIndex: logIndex(0),
  appliedIndex: logIndex(0),
  lastLogIndex: logIndex(2),
  snapshotIndex: null,
  installing: null,
} as const;

/** Node 1 of three, not yet bound to disks; its log ends at 2 in term 3. */
function listening() {
  const node = new MachineDriver({
    voters: votersUpTo(3, () => false),
    hardState: hardState(3),
    log: logOf(1, 3),
  });
  const virtual = new VirtualClock(new Seeded("inbox"));
  const rounds = new RoundClock(virtual.clockOf(new Life(() => {}), () => 0));
  const identity = {
    nodeId: nodeId(1),
    clusterId: clusterId("c0ffee"),
    diskId: diskOf(1),
    incarnation: incarnation(1),
    founders: votersUpTo(3, () => false),
    restoredFrom: null,
    listen: null,
    configured: null,
  };
  /** Whom this reached, in order. */
  const reached: unknown[] = [];
  const sent: PeerMessage[] = [];
  const messages: RaftMessage[] = [];
  const state = { appliedIndex: 2, isFull: false };
  const options = {
    applier: {
      get appliedIndex() {
        return logIndex(state.appliedIndex);
      },
    },
    gate: new Gate(
      identity,
      { apiAddress: "127.0.0.1:8081", peerAddress: null },
      () => node.context,
    ),
    host: {
      get context() {
        return node.context;
      },
      get standing() {
        return { leaderId: node.context.leaderId };
      },
      step: (event: Parameters<MachineDriver["hear"]>[0]) => {
        reached.push(event.type === "received" ? "chart" : event.type);
        node.hear(event);
        if (event.type === "received") messages.push(event.message);
      },
    },
    log: {
      get isFull() {
        return state.isFull;
      },
    },
    requests: { onAnswer: (...answer: unknown[]) => reached.push(answer) },
    rounds,
    transport: {
      disconnect: (peer: number, reason: string) => reached.push({ disconnected: peer, reason }),
      send: (_: number, bytes: Uint8Array) => sent.push(decodePeerMessage(bytes)) > 0,
    },
    view: {
      onHeard: (peer: number) => reached.push(`heard ${peer}`),
    },
    ownReport: () => report,
  };
  const inbox = new Inbox(options as unknown as InboxOptions);
  return {
    node,
    rounds,
    sent,
    state,
    /** What the chart heard, message by message. */
    messages,
    pass: (ms: number) => virtual.step(virtual.nowMs + ms),
    /** One message of node 2 on this disk, and whom it reached. */
    hear(message: PeerMessage, disk: DiskId = diskOf(2)): readonly unknown[] {
      inbox.onMessage(helloOf(2, { diskId: disk }), encodePeerMessage(message));
      return reached.splice(0);
    },
  };
}

const raft = (message: RaftMessage, hasRoom = true): PeerMessage => ({
  kind: "raft",
  hasRoom,
  message,
});
const passed = ["heard 2", "chart"];

describe("a peer whose disk is not the trusted one any more (M39)", () => {
  /** It greeted us on this link before we learnt, from node 3, by which disk 2 is known. */
  const learnt = () => {
    const listener = listening();
    const binding = [entryAt([3, 3], votersUpTo(3))];
    listener.node.receive(3, appendEntries({ term: 3, prev: [2, 3], entries: binding }));
    return listener;
  };
  const commit = appendEntries({ term: 3, prev: [3, 3], commit: 3 });
  const message = raft(requestVoteReply(3, false));

  test("is heard while the binding may still vanish", () => {
    expect(learnt().hear(message, replaced)).toEqual(passed);
  });

  test("is disconnected with its next message, of whatever kind, and nobody hears of it", () => {
    const listener = learnt();
    listener.node.receive(3, commit);
    const question = {
      kind: "request",
      id: 9,
      timeoutMs: 50,
      request: { type: "report" },
    } as const;
    const answer = { kind: "answer", id: 9, answer: { type: "report", report } } as const;
    for (const one of [message, question, answer]) {
      expect(listener.hear(one, replaced)).toEqual([
        {
          disconnected: 2,
          reason:
            "node 2 comes with another disk than the cluster knows it by: " +
            "it has forgotten its votes and acknowledgements",
        },
      ]);
    }
    expect(listener.sent).toEqual([]);
  });

  test("on its own disk it stays", () => {
    const listener = learnt();
    listener.node.receive(3, commit);
    expect(listener.hear(message)).toEqual(passed);
  });
});

describe("what arrives", () => {
  test("a full log is brought no entries: what is left is a heartbeat", () => {
    const listener = listening();
    listener.state.isFull = true;
    const message = appendEntries({ term: 3, prev: [2, 3], entries: entries(3, 1) });
    expect(listener.hear(raft(message))).toEqual(passed);
    expect(listener.messages.splice(0)).toEqual([appendEntries({ term: 3, prev: [2, 3] })]);
    expect(listener.node.state).toBe("follower.leased");
    listener.state.isFull = false;
    expect(listener.hear(raft(message))).toEqual(passed);
    expect(listener.messages).toEqual([message]);
  });

  test("what a peer says of its disk is passed on where it is news", () => {
    const listener = listening();
    const full = raft(requestVoteReply(3, false), false);
    expect(listener.hear(full)).toEqual(["heard 2", "disk.filled", "chart"]);
    expect(listener.hear(full)).toEqual(passed);
    expect(listener.hear(raft(requestVoteReply(3, false)))).toEqual([
      ...["heard 2", "disk.freed", "chart"],
    ]);
  });

  test("what its earlier life said of its disk is not heeded", () => {
    const listener = listening();
    listener.node.meet(2, { life: 9 });
    expect(listener.hear(raft(requestVoteReply(3, false), false))).toEqual(passed);
  });

  test("a question for our report is answered, an answer goes to who asked", () => {
    const listener = listening();
    const question = {
      kind: "request",
      id: 9,
      timeoutMs: 50,
      request: { type: "report" },
    } as const;
    expect(listener.hear(question)).toEqual(["heard 2"]);
    const answer = { type: "report", report } as const;
    expect(listener.sent).toEqual([{ kind: "answer", id: 9, answer }]);
    expect(listener.hear({ kind: "answer", id: 4, answer })).toEqual(["heard 2", [2, 4, answer]]);
  });
});

describe("how fresh the leader says its followers are", () => {
  const heartbeat = (facts: { round: number; ageMs: number; commit?: number; of?: number }) => {
    const { ageMs, commit = 0, of = 3, round } = facts;
    const message = appendEntries({ term: of, prev: [2, 3], commit, round });
    return raft({ ...message, confirmedAgeMs: ageMs } as RaftMessage);
  };
  const staleness = ({ rounds, state }: ReturnType<typeof listening>) =>
    rounds.stalenessMs(logIndex(state.appliedIndex));

  test("is believed of a round's first message only: a repeated one comes late", () => {
    const listener = listening();
    listener.hear(heartbeat({ round: 2, ageMs: 30 }));
    expect(staleness(listener)).toBe(30);
    listener.pass(100);
    listener.hear(heartbeat({ round: 2, ageMs: 30 }));
    listener.hear(heartbeat({ round: 1, ageMs: 10 }));
    expect(staleness(listener)).toBe(130);
    listener.hear(heartbeat({ round: 3, ageMs: 20 }));
    expect(staleness(listener)).toBe(20);
  });

  test("is not believed of the leader's earlier life, whose word comes late", () => {
    const listener = listening();
    listener.hear(heartbeat({ round: 1, ageMs: 30 }));
    listener.node.meet(2, { life: 9 });
    listener.pass(100);
    listener.hear(heartbeat({ round: 2, ageMs: 10 }));
    expect(staleness(listener)).toBe(130);
  });

  test("is not believed of a leader of an earlier term", () => {
    const listener = listening();
    listener.node.receive(3, appendEntries({ term: 4, prev: [2, 3] }));
    listener.hear(heartbeat({ round: 9, ageMs: 10 }));
    expect(staleness(listener)).toBeNull();
    listener.hear(heartbeat({ round: 1, ageMs: 10, of: 5 }));
    expect(staleness(listener)).toBe(10);
  });

  test("waits until what was committed then is applied here", () => {
    const listener = listening();
    listener.state.appliedIndex = 1;
    listener.hear(heartbeat({ round: 1, ageMs: 10, commit: 2 }));
    expect(staleness(listener)).toBeNull();
    listener.pass(5);
    listener.state.appliedIndex = 2;
    expect(staleness(listener)).toBe(15);
  });
});
