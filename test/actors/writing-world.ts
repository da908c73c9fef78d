import type { NodeLimits } from "../../src/actors/limits";
import { Proposals, type Submission } from "../../src/actors/proposals";
import type { RequestError } from "../../src/errors";
import { type CommandResult, logIndex, revision, term } from "../../src/types";
import { told, waitingWorld } from "./waiting-world";

export const TERM = term(1);

export const resultAt = (index: number, inTerm = TERM): CommandResult => ({
  kind: "set",
  revision: revision(index),
  term: inTerm,
  index: logIndex(index),
});

/** Writes of a node, what it was asked to append or forward, and how each write ended. */
export function writing(limits: Partial<NodeLimits> = {}) {
  const { world, parts } = waitingWorld(limits);
  const offered: number[][] = [];
  const ends: (CommandResult | string)[] = [];
  const batch = { isUnderWay: false };
  const disk = { refusal: null as RequestError | null };
  /** What the machine does with what it is offered. */
  let decide: (count: number) => void = () => {};
  const proposals = new Proposals({
    ...parts,
    offer: (commands) => {
      offered.push(commands.map(([number = -1]) => number));
      decide(commands.length);
    },
    isBatchUnderWay: () => batch.isUnderWay,
    refuse: () => disk.refusal,
  });
  let lastNumber = 0;
  let lastIndex = 0;
  const append = (count: number) => {
    proposals.onAppended(logIndex(lastIndex + 1), TERM);
    lastIndex += count;
  };
  decide = append;
  return {
    ...{ world, proposals, offered, ends, batch, disk },
    submit: (how: Partial<Submission> = {}) =>
      proposals.submit({
        command: new Uint8Array([++lastNumber]),
        isKeyed: false,
        isForwarded: false,
        timeoutMs: 5000,
        settle: (end) => ends.push(told(end)),
        ...how,
      }),
    refuseOffers: () => {
      decide = () => proposals.onDeclined();
    },
    fail: (error: RequestError) =>
      world.answer({ type: "failed", code: error.code, facts: error.facts }),
  };
}
