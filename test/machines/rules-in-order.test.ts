/** Several rules of one transition are followed in one go, and yet each goes by its own name. */
import { describe, expect, test } from "bun:test";
import { raftMachine } from "../../src/machines/raft/raft.machine";
import { action, nothing } from "../../src/machines/raft/rule";
import { MachineDriver } from "./machine-driver";
import { appendEntries } from "./raft-words";

const heartbeat = appendEntries({ term: 0, prev: [0, 0], round: 5 });
const driverOf = (machine: typeof raftMachine) => new MachineDriver({ machine });
type Provided = Parameters<typeof raftMachine.provide>[0];

describe("rules in order", () => {
  test("each sees what those before it have left", () => {
    // `followLeader` notes whom `acknowledgeKnown` answers, and in which round.
    expect(driverOf(raftMachine).receive(2, heartbeat).effects).toMatchObject([
      { type: "send", to: 2, message: { type: "AppendEntriesReply", round: 5 } },
    ]);
  });

  test("one is replaced by its name, and the others stay", () => {
    const machine = raftMachine.provide({ actions: { acknowledgeKnown: action(() => nothing) } });
    const node = driverOf(machine);
    expect(node.receive(2, heartbeat).effects).toEqual([]);
    expect(node.context.leaderRound).toBe(5);
  });

  test("one is replaced by what is no rule, and the order stays", () => {
    const heard: (number | null)[] = [];
    const actions: NonNullable<Provided["actions"]> = {
      acceptEntries: ({ context }) => {
        heard.push(context.leaderId);
      },
    };
    const { effects } = driverOf(raftMachine.provide({ actions })).receive(2, heartbeat);
    expect(heard).toEqual([2]);
    expect(effects).toMatchObject([{ type: "send", to: 2 }]);
  });

  test("a mistake in the chart is found when the rule runs", () => {
    const machine = raftMachine.provide({
      actions: {
        acceptEntries: action(() => {
          throw new Error("out of order");
        }),
      },
    });
    expect(() => driverOf(machine).receive(2, heartbeat)).toThrow("out of order");
  });
});
