/** The lines a person reads of an election. */
import type { Logger } from "./logger";
import type { Standing } from "./raft-host";

export interface StandingChange {
  readonly after: Standing;
  readonly before: Standing;
  readonly cause: string;
  /** How many voters are needed and reachable. */
  readonly noLeader: string;
}

/** One line for each change of role, leader or successor; of term alone it is part of another. */
export function tellStanding(logger: Logger, change: StandingChange): void {
  const { after, before, cause, noLeader } = change;
  const facts = { term: after.term, cause };
  if (after.state !== before.state) {
    logger("info", stateLine(after, before, noLeader), facts);
  } else if (after.leaderId !== before.leaderId && after.leaderId !== null) {
    logger("info", `following node ${after.leaderId}`, facts);
  } else if (after.transferTo !== before.transferTo) {
    logger("info", transferLine(after), facts);
  }
}

const transferLine = ({ transferTo }: Standing): string =>
  transferTo === null ? "leading on" : `handing over to node ${transferTo}`;

function stateLine(after: Standing, before: Standing, noLeader: string): string {
  switch (after.state) {
    case "leader":
      return `elected leader of term ${after.term}`;
    case "candidate":
      return `campaigning for term ${after.term}`;
    case "preCandidate":
      return before.state === "follower"
        ? `heard no leader in time: asking whether an election could be won (${noLeader})`
        : `the election of term ${after.term} had no winner: asking again (${noLeader})`;
    case "follower":
      if (before.state === "leader") return `stepped down from leading term ${before.term}`;
      return after.leaderId === null ? "following nobody yet" : `following node ${after.leaderId}`;
  }
}
