import { describe, expect, test } from "bun:test";
import { defaultLimits } from "../../src/actors/limits";
import { Outbox } from "../../src/actors/outbox";
import { nodeId } from "../../src/types";

const LEADER = nodeId(2);

/** An outbox and the numbers of the messages that left it. */
function sending(heldMessagesMax = defaultLimits.heldMessagesMax) {
  const sent: number[] = [];
  const send = (_: unknown, [number = -1]: Uint8Array) => sent.push(number) > 0;
  const outbox = new Outbox({ send }, { heldMessagesMax });
  return { outbox, sent, post: (number: number) => outbox.send(LEADER, new Uint8Array([number])) };
}

describe("the outbox", () => {
  test("sends at once while no hard state is on its way to disk", () => {
    const { post, sent } = sending();
    post(1);
    expect(sent).toEqual([1]);
  });

  test("holds everything, in order, until the last hard state is on disk", () => {
    const { outbox, post, sent } = sending();
    outbox.hardStateRequested();
    post(1);
    outbox.hardStateRequested();
    post(2);
    outbox.hardStateDurable();
    expect(sent).toEqual([]);
    outbox.hardStateDurable();
    expect(sent).toEqual([1, 2]);
    post(3);
    expect(sent).toEqual([1, 2, 3]);
  });

  test("holds at most heldMessagesMax and lets the oldest go", () => {
    const { outbox, post, sent } = sending(3);
    outbox.hardStateRequested();
    for (const number of [1, 2, 3, 4, 5]) post(number);
    outbox.hardStateDurable();
    expect(sent).toEqual([3, 4, 5]);
  });

  test("holds a thousand by default, which outlasts a disk that hangs for some seconds", () => {
    expect(defaultLimits.heldMessagesMax).toBe(1024);
  });
});
