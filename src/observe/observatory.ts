/**
 * Where a node is looked at from: what its machines do, how fast it goes, and why it is as it is.
 * A node knows nothing of it but the port through which it is watched.
 */
import type { Clock } from "../actors/clock";
import type { Logger } from "../actors/logger";
import type { MachineWatch } from "../actors/machine-watch";
import type { Situation } from "../actors/situation";
import type { Transport } from "../actors/transport";
import { notFound } from "../errors";
import { charts } from "../machines/chart/charts";
import { type ChartDefinition, defineChart } from "../machines/chart/definition";
import { drawChart } from "../machines/chart/mermaid";
import type { FileSystem, Identity, Recovered } from "../store/ports";
import { Journal } from "./journal";
import { Live } from "./live";
import type { Facts } from "./machine-track";
import { MessageCounts } from "./message-counts";
import { Pulse } from "./pulse";
import { type LifeEnd, Recorder } from "./recorder";
import { startOf } from "./recovery-found";
import { requestTallies } from "./requests";
import type { Transition } from "./transition";
import { firstOf, isOfMachine, TransitionPlace, type Wanted } from "./transition-place";
import { TransitionRing } from "./transition-ring";
import { type Subscription, Watchers } from "./watchers";
import type { Evidence } from "./why/evidence";
import { explain, type Why } from "./why/why";
import type { RecoveryContext } from "./words/recovery";

export interface ObservatoryOptions {
  readonly identity: Identity;
  readonly recovered: Recovered;
  /** The node's directory, for the journal; null to keep none. */
  readonly files: FileSystem | null;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The node itself, which is made with what is here. */
  look(): Situation;
}

export interface TransitionPage {
  readonly items: readonly Transition[];
  readonly nextFrom: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** A chart in all its forms. */
export interface ShownChart extends ChartDefinition {
  readonly chart: string;
  readonly mermaid: string;
}

export class Observatory {
  /** For the node: who watches its machines. */
  readonly watch: MachineWatch;
  /** For the API: what it is asked. */
  readonly requests = requestTallies();
  readonly #options: ObservatoryOptions;
  readonly #recorder: Recorder;
  readonly #journal: Journal | null;
  readonly #counts = new MessageCounts();
  readonly #watchers: Watchers;
  readonly #pulse: Pulse;
  readonly #live: Live;

  constructor(options: ObservatoryOptions) {
    this.#options = options;
    const { clock, files, identity, look, recovered } = options;
    this.#watchers = new Watchers(clock);
    const journal = files && new Journal({ ...options, files });
    this.#journal = journal;
    const ring = new TransitionRing();
    const found = journal?.takeFound() ?? [];
    for (const transition of found) ring.add(transition);
    this.#recorder = new Recorder({
      node: identity.nodeId,
      recovery: { ...startOf(identity, recovered), lifeBefore: endOfLife(found) },
      ring,
      nowMs: () => clock.nowMs(),
      wallMs: () => clock.wallMs(),
      onTransition: (transition) => {
        journal?.add(transition);
        this.#watchers.tellSoon();
      },
    });
    this.watch = this.#recorder;
    this.#pulse = new Pulse({ clock, look });
    this.#live = new Live({
      clock,
      look,
      counts: this.#counts,
      recorder: this.#recorder,
      requests: this.requests,
      trouble: () => {
        const { ok, summary } = explain(this.#evidence());
        return ok ? null : summary;
      },
      onFrame: () => this.#watchers.tellSoon(),
    });
  }

  /** The same way to the other nodes, with what goes over it counted. */
  over(transport: Transport): Transport {
    return this.#counts.over(transport);
  }

  /** The node is there. */
  start(): void {
    this.#pulse.start();
  }

  /** The node ends: watchers are told, the journal says why and is closed. */
  end(event: LifeEnd, reason: string): void {
    this.#pulse.stop();
    this.#recorder.end(event, reason);
    this.#watchers.end();
    this.#journal?.close();
  }

  /** Every machine that is there now, and what is kept of their transitions. */
  inspect(): Facts {
    const { clock, identity } = this.#options;
    const { firstSeq, lastSeq } = this.#recorder.ring;
    return {
      node: identity.nodeId,
      monotonic_ms: Math.round(clock.nowMs()),
      wall_ms: clock.wallMs(),
      first_seq: firstSeq,
      last_seq: lastSeq,
      machines: this.#recorder.describe(),
    };
  }

  /** Errors: `compacted` where `from` is not kept any more. */
  transitions(wanted: Wanted, limit: number): TransitionPage {
    const { ring } = this.#recorder;
    const { firstSeq, lastSeq } = ring;
    const from = firstOf(wanted, ring);
    const items = ring.from(from, limit, isOfMachine(wanted.machine));
    const last = items.at(-1)?.seq ?? 0;
    const nextFrom = items.length === limit ? last + 1 : Math.max(from, lastSeq + 1);
    return { items, nextFrom, firstSeq, lastSeq };
  }

  /** Behind `heard` where it is given. Errors: `compacted`, `overloaded`. */
  followTransitions(wanted: Wanted, heard: number | null, onNews: () => void): Subscription {
    const { ring } = this.#recorder;
    const from = heard === null ? wanted.from : null;
    const place = new TransitionPlace(ring, { ...wanted, from });
    if (heard !== null) place.resumeBehind(heard);
    return this.#watchers.add(place, onNews);
  }

  live(): Facts {
    return this.#live.now();
  }

  /** Errors: `overloaded`. */
  followLive(onNews: () => void): Subscription {
    const subscription = this.#watchers.add(this.#live.place(), onNews);
    this.#live.follow();
    let isOver = false;
    const cancel = () => {
      if (isOver) return;
      isOver = true;
      this.#live.unfollow();
      subscription.cancel();
    };
    return {
      get isLost() {
        return subscription.isLost;
      },
      take: () => subscription.take(),
      cancel,
    };
  }

  /** By a chart's name, a machine's, or its kind. Errors: `not_found`. */
  chart(name: string): ShownChart {
    const kind = name.split("/", 1)[0] ?? name;
    const chart = kind === "link" ? "connection" : kind;
    const machine = Object.hasOwn(charts, chart) ? charts[chart] : undefined;
    if (machine === undefined) {
      throw notFound(`there is no chart of ${name}; there are ${Object.keys(charts).join(", ")}`);
    }
    return { chart, ...defineChart(machine), mermaid: drawChart(machine) };
  }

  why(): { readonly why: Why } & Pick<Situation, "id" | "nowMs" | "wallMs"> {
    const evidence = this.#evidence();
    const { id, nowMs, wallMs } = evidence.situation;
    return { id, nowMs, wallMs, why: explain(evidence) };
  }

  #evidence(): Evidence {
    const situation = this.#options.look();
    const { inStateMs, path } = this.#recorder.raftState;
    return {
      situation,
      state: path,
      inStateMs,
      lastElection: this.#recorder.lastElection,
      clockTrouble: this.#pulse.clockTrouble,
      replicatorOf: (peer) => this.#recorder.replicatorOf(peer),
      standstillMs: (what) => this.#pulse.standstillMs(what, situation.nowMs),
    };
  }
}

/** The names of all charts. */
export const chartNames: readonly string[] = Object.keys(charts);

/** By the last thing that the journal tells. */
function endOfLife(found: readonly Transition[]): RecoveryContext["lifeBefore"] {
  const last = found.at(-1);
  if (last === undefined) return null;
  if (last.machine !== "recovery" || last.to !== null) return "without a word";
  return last.event === "failed" ? "by a fault" : "in good order";
}
