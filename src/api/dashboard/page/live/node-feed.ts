/** All that one node tells of itself: two streams, and a look at its machines after each change. */
import { batch, signal } from "@preact/signals";
import type { Inspection, Live, Transition } from "../answers";
import type { Silence } from "../view/time-line";
import { type Flow, flowsBetween } from "../view/traffic";
import { ask } from "./requests";

/** How many transitions of a node the page keeps; older ones are in the node's journal. */
export const TRANSITIONS_KEPT_MAX = 600;
const SILENCES_KEPT_MAX = 50;
/** How far back a page that is just opened looks. */
const TRANSITIONS_FIRST_LOOK = 300;
const INSPECT_TIMEOUT_MS = 2_000;
/** Transitions come in bursts: one drawing and one look at the machines serve all of a burst. */
const GATHER_MS = 60;

export type Hearing = "off" | "connecting" | "open" | "lost";

/** Hears one node. What is lost stays lost until it is connected again: its owner knows when. */
export class NodeFeed {
  readonly hearing = signal<Hearing>("off");
  readonly live = signal<Live | null>(null);
  readonly inspection = signal<Inspection | null>(null);
  /** In the order of their numbers. */
  readonly transitions = signal<readonly Transition[]>([]);
  readonly flows = signal<readonly Flow[]>([]);
  /** When it was not heard, though it was listened for. */
  readonly silences = signal<readonly Silence[]>([]);
  /** By the page's own monotonic clock, when the node last said something. */
  readonly heardAtMs = signal(Number.NEGATIVE_INFINITY);
  /** When it was last tried, and when it was last lost. */
  triedAtMs = Number.NEGATIVE_INFINITY;
  lostAtMs = Number.NEGATIVE_INFINITY;
  private streams: readonly EventSource[] = [];
  private arrived: Transition[] = [];
  private gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly id: number,
    /** Empty for the page's own. */
    readonly origin: string,
  ) {}

  async connect(): Promise<void> {
    if (this.hearing.value === "connecting" || this.hearing.value === "open") return;
    this.hearing.value = "connecting";
    this.triedAtMs = performance.now();
    const timeoutMs = INSPECT_TIMEOUT_MS;
    const found = await ask<Inspection>(this.origin, "/v1/inspect", { timeoutMs });
    // It may have been closed in the meantime.
    if (this.hearing.peek() !== "connecting") return;
    if (found.kind !== "ok") return this.lose();
    this.inspection.value = found.body;
    const from = this.continueBehind(found.body);
    const transitions = this.open(`/v1/inspect/transitions?from=${from}`);
    transitions.addEventListener("transition", ({ data }) => this.addTransition(JSON.parse(data)));
    const live = this.open("/v1/inspect/live");
    live.addEventListener("live", ({ data }) => this.hear(JSON.parse(data)));
    this.streams = [transitions, live];
  }

  /** Asks the machines' small contexts anew, which change without a transition. */
  async inspect(): Promise<void> {
    if (this.hearing.peek() !== "open") return;
    const timeoutMs = INSPECT_TIMEOUT_MS;
    const found = await ask<Inspection>(this.origin, "/v1/inspect", { timeoutMs });
    if (found.kind === "ok") this.inspection.value = found.body;
  }

  close(): void {
    this.hearing.value = "off";
    this.shut();
  }

  /** Behind what is here already; anew where the node's numbers do not go on from there. */
  private continueBehind({ first_seq: first, last_seq: last }: Inspection): number {
    const held = this.transitions.peek().at(-1)?.seq ?? 0;
    if (held > 0 && held + 1 >= first && held <= last) return held + 1;
    this.transitions.value = [];
    return Math.max(first, last - TRANSITIONS_FIRST_LOOK, 1);
  }

  /** The browser would try again by itself, in vain and loudly: the cluster knows when to. */
  private open(path: string): EventSource {
    const stream = new EventSource(`${this.origin}${path}`);
    stream.addEventListener("error", () => this.lose());
    stream.addEventListener("end", () => this.lose());
    return stream;
  }

  private lose(): void {
    if (this.hearing.peek() === "off") return;
    this.lostAtMs = performance.now();
    batch(() => {
      this.hearing.value = "lost";
      this.flows.value = [];
      this.noteSilence();
    });
    this.shut();
  }

  /** From the moment of its last word. */
  private noteSilence(): void {
    const heard = this.live.peek();
    const silences = this.silences.peek();
    if (heard === null || silences.at(-1)?.toMs === null) return;
    const silence = {
      fromMs: Date.now() - (performance.now() - this.heardAtMs.peek()),
      toMs: null,
    };
    this.silences.value = [...silences.slice(1 - SILENCES_KEPT_MAX), silence];
  }

  private endSilence(): void {
    const silences = this.silences.peek();
    const last = silences.at(-1);
    if (last?.toMs !== null) return;
    this.silences.value = [...silences.slice(0, -1), { ...last, toMs: Date.now() }];
  }

  private shut(): void {
    for (const stream of this.streams) stream.close();
    this.streams = [];
    clearTimeout(this.gathering);
    this.takeArrived();
  }

  private hear(live: Live): void {
    batch(() => {
      const before = this.live.peek();
      if (before !== null) this.flows.value = flowsBetween(before, live);
      this.live.value = live;
      this.hearing.value = "open";
      this.endSilence();
      this.heardAtMs.value = performance.now();
    });
  }

  private addTransition(transition: Transition): void {
    this.arrived.push(transition);
    this.gathering ??= setTimeout(() => this.takeArrived(), GATHER_MS);
  }

  private takeArrived(): void {
    this.gathering = undefined;
    if (this.arrived.length === 0) return;
    const transitions = [...this.transitions.peek(), ...this.arrived];
    this.arrived = [];
    this.transitions.value = transitions.slice(-TRANSITIONS_KEPT_MAX);
    void this.inspect();
  }
}
