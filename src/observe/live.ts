/** What a live view of a node needs beside its transitions: where it stands, how fast it goes. */
import type { Clock } from "../actors/clock";
import type { Reach } from "../actors/peer-reach";
import type { Situation } from "../actors/situation";
import { percentiles } from "./latencies";
import type { Facts } from "./machine-track";
import type { MessageCounts } from "./message-counts";
import type { Recorder } from "./recorder";
import type { RequestTallies, RequestTally } from "./requests";
import type { Place, Said } from "./watchers";
import { replicatorWords } from "./words/replicator";

/** Between two frames. **Units**: ms. */
export const FRAME_MS = 500;
/** A watcher that has no time for so many frames in a row is let go: half a minute's. */
export const FRAMES_MISSED_MAX = 60;
/** Rates over less time than this say little. **Units**: ms. */
const INTERVAL_MS_MIN = 200;

export interface LiveOptions {
  readonly clock: Clock;
  readonly counts: MessageCounts;
  readonly recorder: Recorder;
  readonly requests: RequestTallies;
  look(): Situation;
  /** What is wrong in one sentence; null for nothing. */
  trouble(): string | null;
  /** A frame is there. */
  onFrame(): void;
}

interface Sample {
  readonly nowMs: number;
  readonly commitIndex: number;
  readonly syncs: number;
  readonly writes: TallySample;
  readonly reads: TallySample;
}
interface TallySample {
  readonly total: number;
  readonly latencies: Float64Array;
}

export class Live {
  readonly #options: LiveOptions;
  #last: Sample | null = null;
  #frame: Facts | null = null;
  #frameNumber = 0;
  #watchers = 0;
  #timer: unknown = null;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** How it is now. While nobody follows, rates are over the time since the last such question. */
  now(): Facts {
    const isFresh = this.#last !== null && this.#nowMs - this.#last.nowMs < INTERVAL_MS_MIN;
    return isFresh && this.#frame !== null ? this.#frame : this.#sample();
  }

  /** A watcher comes; each gets every frame that it has time for. */
  place(): Place {
    // The last one there is comes first.
    let told = Math.max(0, this.#frameNumber - 1);
    const missed = () => this.#frameNumber - told;
    return {
      get isLost() {
        return missed() > FRAMES_MISSED_MAX;
      },
      take: () => {
        if (missed() > FRAMES_MISSED_MAX) return [tooSlow];
        if (missed() === 0) return [];
        told = this.#frameNumber;
        return [{ kind: "event", event: "live", data: JSON.stringify(this.#frame) } satisfies Said];
      },
    };
  }

  follow(): void {
    this.#watchers += 1;
    if (this.#watchers === 1) this.#tick();
    else this.#options.onFrame();
  }

  unfollow(): void {
    this.#watchers -= 1;
    if (this.#watchers === 0) this.#options.clock.clearTimeout(this.#timer);
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  #tick(): void {
    this.now();
    this.#options.onFrame();
    this.#timer = this.#options.clock.setTimeout(() => this.#tick(), FRAME_MS);
  }

  #sample(): Facts {
    const { look, requests } = this.#options;
    const situation = look();
    const sample: Sample = {
      nowMs: situation.nowMs,
      commitIndex: situation.context.commitIndex,
      syncs: situation.disk.syncs,
      writes: sampleOf(requests.writes),
      reads: sampleOf(requests.reads),
    };
    const before = this.#last;
    this.#last = sample;
    this.#frameNumber += 1;
    this.#frame = { ...this.#standing(situation), ...this.#pace(situation, sample, before) };
    return this.#frame;
  }

  #standing(situation: Situation): Facts {
    const { recorder, trouble } = this.#options;
    const { appliedIndex, context, disk, id, leaderId, peers, role, store } = situation;
    return {
      node: id,
      monotonic_ms: Math.round(situation.nowMs),
      wall_ms: situation.wallMs,
      last_seq: recorder.ring.lastSeq,
      state: recorder.raftState.path,
      role,
      term: context.currentTerm,
      leader_id: leaderId,
      ready: situation.unreadiness === null,
      trouble: trouble(),
      log: {
        base_index: context.log.baseIndex,
        snapshot_index: context.snapshot?.lastIndex ?? null,
        applied_index: appliedIndex,
        commit_index: context.commitIndex,
        durable_index: disk.durableIndex,
        last_index: disk.lastIndex,
        bytes_written: disk.bytesWritten,
        syncs: disk.syncs,
      },
      store: { keys: store.keys, revision: store.revision },
      disk: { has_room: disk.hasRoom, full: disk.isFull },
      peers: peers.map((peer) => this.#peer(peer)),
    };
  }

  #pace(situation: Situation, now: Sample, before: Sample | null): Facts {
    const { requests } = this.#options;
    const perSecond = rateOver(now, before);
    const tally = (name: "reads" | "writes", underWay: number) => ({
      under_way: underWay,
      total: requests[name].total,
      failed: requests[name].failed,
      per_second: perSecond((sample) => sample[name].total),
      ...latenciesBetween(before?.[name] ?? null, now[name]),
    });
    return {
      interval_ms: before === null ? null : Math.round(now.nowMs - before.nowMs),
      entries_per_second: perSecond(({ commitIndex }) => commitIndex),
      syncs_per_second: perSecond(({ syncs }) => syncs),
      writes: tally("writes", situation.writes.underWay),
      reads: tally("reads", situation.readsUnderWay),
    };
  }

  #peer({ healthy, id, link, silenceMs, voter }: Reach): Facts {
    const { counts, recorder } = this.#options;
    const replicator = recorder.replicatorOf(id);
    const progress = replicator && replicatorWords.facts(replicator.context);
    return {
      id,
      voter,
      healthy,
      last_contact_ms: silenceMs === null ? null : Math.round(silenceMs),
      link: link?.state ?? null,
      reason: link?.reason ?? null,
      replicator: replicator?.state ?? null,
      match_index: progress?.match_index ?? null,
      next_index: progress?.next_index ?? null,
      in_flight: progress?.in_flight ?? null,
      snapshot: progress?.snapshot ?? null,
      sent: counts.sentTo(id),
      received: counts.receivedFrom(id),
    };
  }
}

const tooSlow: Said = {
  kind: "end",
  code: "too_slow",
  says: `${FRAMES_MISSED_MAX} frames in a row were not taken`,
};

const sampleOf = ({ latencies, total }: RequestTally): TallySample => ({
  total,
  latencies: latencies.read(),
});

/** How fast a count has grown between two samples; null without two. */
function rateOver(now: Sample, before: Sample | null) {
  return (count: (sample: Sample) => number): number | null => {
    if (before === null || now.nowMs <= before.nowMs) return null;
    const perMs = (count(now) - count(before)) / (now.nowMs - before.nowMs);
    return Number((1_000 * perMs).toFixed(1));
  };
}

function latenciesBetween(before: TallySample | null, now: TallySample): Facts {
  const found = before === null ? null : percentiles(before.latencies, now.latencies);
  return {
    p50_ms: found?.p50 ?? null,
    p90_ms: found?.p90 ?? null,
    p99_ms: found?.p99 ?? null,
  };
}
