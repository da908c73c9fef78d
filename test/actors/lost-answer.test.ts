/** An answer comes on the peer's own link to us: when that link breaks, it may never come. */
import { expect, test } from "bun:test";
import { RequestError } from "../../src/errors";
import type { CommandResult } from "../../src/types";
import { ledWithMuteDisks } from "./mute-disks";

const TIMEOUT_MS = 5000;

test("a write whose answer is lost with its link is unknown at once, not at its deadline", () => {
  // The write reaches the leader, but no quorum: nothing can be answered yet.
  const { cluster, follower, leader } = ledWithMuteDisks("lost answer");

  const ends: (CommandResult | RequestError | string)[] = [];
  cluster.act(() =>
    follower.ask<CommandResult | RequestError>(
      (end) => ends.push(end),
      (actor, answer) =>
        actor.handle.submit(
          {
            op: "set",
            key: "key",
            value: { kind: "text", text: "value" },
            condition: null,
            idempotencyKey: null,
          },
          TIMEOUT_MS,
          answer,
        ),
    ),
  );
  cluster.run(50);
  expect(ends).toEqual([]);
  cluster.act(() => cluster.network.reset(leader.id, follower.id));
  cluster.run(50);
  const [end] = ends;
  expect(end instanceof RequestError && end.code).toBe("outcome_unknown");
});
