/** Why the node is as it is: one sentence, and the facts behind it. */

import { type Reach, unreachable } from "../../actors/peer-reach";
import { duration } from "../../actors/phrases";
import { describeSlowDisk } from "../../actors/sync-watch";
import { isConfigurationPending } from "../../machines/raft/context";
import { roomySuccessors } from "../../machines/raft/rules/room";
import type { Election } from "../elections";
import type { ClockTrouble } from "../pulse";
import type { Evidence, Fact } from "./evidence";
import { explainFollowers, type FollowerFact } from "./followers";
import { explainLeader, type LeaderFact } from "./leader";
import { explainWrites, STANDSTILL_MS_MIN, type WritesFact } from "./writes";

export interface Why {
  readonly ok: boolean;
  readonly summary: string;
  /** What is wrong first, the gravest before the rest. */
  readonly facts: readonly Fact[];
  readonly leader: LeaderFact;
  readonly ready: Fact;
  readonly writes: WritesFact;
  readonly lastElection: Election | null;
  /** Only a leader knows. */
  readonly followers: readonly FollowerFact[];
}

/** A clock's trouble is told for so long. **Units**: ms. */
export const CLOCK_TROUBLE_TOLD_MS = 60_000;

export function explain(evidence: Evidence): Why {
  const leader = explainLeader(evidence);
  const writes = explainWrites(evidence);
  const ready = explainReadiness(evidence);
  const followers = explainFollowers(evidence);
  const facts = [
    leader,
    writes,
    ready,
    explainDisk(evidence),
    ...followers,
    ...explainPeers(evidence),
    ...explainMembership(evidence),
    // What is over weighs less than what is still so.
    explainClock(evidence),
  ];
  const wrong = facts.filter(({ ok }) => !ok);
  return {
    ok: wrong.length === 0,
    summary: wrong[0]?.says ?? `all is well: ${leader.says}; ${writes.says}`,
    facts: [...wrong, ...facts.filter(({ ok }) => ok)].map(plain),
    leader,
    ready,
    writes,
    lastElection: evidence.lastElection,
    followers,
  };
}

const plain = ({ about, numbers, ok, says }: Fact): Fact => ({ about, ok, says, numbers });

function explainReadiness({ situation }: Evidence): Fact {
  const { appliedIndex, context, unreadiness } = situation;
  const numbers = { applied_index: appliedIndex, commit_index: context.commitIndex };
  const says = unreadiness === null ? "this node is able to serve" : `not ready: ${unreadiness}`;
  return { about: "ready", ok: unreadiness === null, says, numbers };
}

function explainDisk(evidence: Evidence): Fact {
  const { disk } = evidence.situation;
  const leadsOn = leadsOnBecause(evidence);
  const numbers = { last_log_index: disk.lastIndex, durable_index: disk.durableIndex };
  const stillMs = evidence.standstillMs("durable");
  const says = disk.isFull
    ? `the disk of this node is full to the last byte${leadsOn}`
    : !disk.hasRoom
      ? `the disk of this node is full: it lives on its reserve${leadsOn}`
      : stillMs >= STANDSTILL_MS_MIN
        ? `the disk of this node has made nothing durable for ${duration(stillMs)}`
        : disk.slowSyncMs !== null
          ? describeSlowDisk(disk.slowSyncMs)
          : null;
  return {
    about: "disk",
    ok: says === null,
    says: says ?? "the disk has room and keeps up",
    numbers,
  };
}

/** Why a leader whose own disk is full has not handed over. */
function leadsOnBecause({ situation, state }: Evidence): string {
  if (state !== "leader.serving" || situation.disk.hasRoom) return "";
  return roomySuccessors(situation.context).length > 0
    ? ", and hands over soon"
    : ", and leads on: no voter with room could take over and do without it";
}

function explainClock({ clockTrouble, situation }: Evidence): Fact {
  const agoMs = clockTrouble === null ? null : situation.nowMs - clockTrouble.atMs;
  const isRecent = agoMs !== null && agoMs <= CLOCK_TROUBLE_TOLD_MS;
  return {
    about: "clock",
    ok: !isRecent,
    says:
      isRecent && clockTrouble !== null
        ? describeClock(clockTrouble, agoMs)
        : "time goes on as it should",
    numbers: { by_ms: isRecent ? Math.round(clockTrouble?.byMs ?? 0) : 0 },
  };
}

const describeClock = ({ byMs, kind }: ClockTrouble, agoMs: number): string =>
  kind === "stood still"
    ? `this node stood still for ${duration(byMs)}, until ${duration(agoMs)} ago: its process ` +
      "was stopped, or its machine had no time for it"
    : `the wall clock of this node was set ${byMs < 0 ? "back" : "forward"} by ` +
      `${duration(Math.abs(byMs))}, ${duration(agoMs)} ago; nothing but dates depends on it`;

/** A follower's own view of the others; a leader's is told of its followers. */
const explainPeers = ({ situation }: Evidence): readonly Fact[] =>
  situation.context.leadership !== null
    ? []
    : situation.peers.map((peer) => {
        const trouble = troubleWith(peer, situation.uptimeMs);
        return {
          about: `peer/${peer.id}`,
          ok: trouble === null,
          says: trouble ?? `node ${peer.id} is reached`,
          numbers: {
            silence_ms: peer.silenceMs === null ? null : Math.round(peer.silenceMs),
            link: peer.link?.state ?? null,
          },
        };
      });

/** Between followers nothing is said: one that is reached may be unable to reach this node. */
const troubleWith = (peer: Reach, uptimeMs: number): string | null =>
  peer.healthy && peer.link?.isHeard !== false ? null : unreachable(peer, uptimeMs);

function explainMembership({ situation }: Evidence): readonly Fact[] {
  const { context } = situation;
  if (!isConfigurationPending(context)) return [];
  const index = context.configurations.at(-1)?.index ?? 0;
  const says = `a change of membership, entry ${index}, waits to be committed`;
  return [{ about: "membership", ok: true, says, numbers: { index } }];
}
