/**
 * The whole cluster as this page hears it: a feed of each node, and what the one that is asked
 * tells of all. A node that is lost is dialled again only once another node hears it, so that a
 * page does not knock at a dead one's door.
 */
import { batch, computed, effect, signal } from "@preact/signals";
import type { Status, Why } from "../answers";
import { type NodeView, nodeView } from "../view/node-view";
import { betterHost } from "../view/own-address";
import { chooseSpokesman } from "../view/spokesman";
import { mergeTransitions } from "../view/transitions";
import { nowMs } from "./clock";
import { NodeFeed } from "./node-feed";
import { type Answered, type Asked, ask, newIdempotencyKey } from "./requests";

/**
 * Two words of a node missed: it is dead, frozen, or cut off from here. With a tick of the clock
 * on top it is less than two seconds until the page shows that.
 */
export const FRESH_MS_MAX = 1_400;
const POLL_MS = 1_000;
const POLL_TIMEOUT_MS = 1_500;
/** Between two tries; others need a moment to notice a death, too. */
const RETRY_MS = 3_000;
/** For a node that this page has never heard: it may be one that cannot be reached from here. */
const RETRY_UNHEARD_MS = 20_000;

/** Leaves for the address that the members know this page's node by, if that is another. */
function goesHome({ nodes }: Status, id: number | null): boolean {
  const own = nodes.find((node) => node.id === id);
  const better = betterHost(location.host, own?.address ?? null);
  if (better === null) return false;
  location.replace(`${location.protocol}//${better}${location.pathname}${location.hash}`);
  return true;
}

export class ClusterFeed {
  readonly feeds = signal<readonly NodeFeed[]>([]);
  readonly status = signal<Status | null>(null);
  readonly why = signal<Why | null>(null);
  /** The node that served this page; null until it has said so. */
  readonly homeId = signal<number | null>(null);
  /** The origin that is asked now; empty is the page's own. */
  readonly spokesman = signal("");
  /** Nobody has answered the last round of questions. */
  readonly isAlone = signal(false);

  readonly nodes = computed<readonly NodeView[]>(() =>
    (this.status.value?.nodes ?? []).map((told) => {
      const feed = this.feedOf(told.id);
      const live = feed?.live.value ?? null;
      return nodeView(told, {
        live,
        isFresh: feed !== null && this.isFresh(feed),
        wasHeard: live !== null,
      });
    }),
  );
  readonly transitions = computed(() =>
    mergeTransitions(this.feeds.value.map((feed) => feed.transitions.value)),
  );
  readonly spokesmanId = computed(
    () => this.feeds.value.find(({ origin }) => origin === this.spokesman.value)?.id ?? null,
  );
  /** Members whose address this page may not ask, since they joined after it was loaded. */
  readonly strangers = computed(() =>
    (this.status.value?.nodes ?? []).filter(
      ({ address, id }) => address !== null && id !== this.homeId.value && !this.mayAsk(address),
    ),
  );

  private readonly members: ReadonlySet<string>;
  private poll: ReturnType<typeof setTimeout> | undefined;
  private isRunning = false;
  private stopWatching: () => void = () => {};

  /** `members` are the addresses that the page's policy lets it ask. */
  constructor(members: readonly string[]) {
    this.members = new Set(members);
  }

  start(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    for (const feed of this.feeds.peek()) void feed.connect();
    // The moment a stream ends says more than the next failing question.
    this.stopWatching = effect(() => this.chooseAnew(false));
    void this.askRound();
  }

  stop(): void {
    this.isRunning = false;
    this.stopWatching();
    clearTimeout(this.poll);
    for (const feed of this.feeds.peek()) feed.close();
  }

  feedOf(id: number): NodeFeed | null {
    return this.feeds.value.find((feed) => feed.id === id) ?? null;
  }

  isFresh(feed: NodeFeed): boolean {
    const age = nowMs.value - feed.heardAtMs.value;
    return feed.hearing.value === "open" && age < FRESH_MS_MAX;
  }

  /** Asks the node that speaks for all; a read that is not answered is asked of another. */
  async ask<Body>(path: string, asked: Asked = {}): Promise<Answered<Body>> {
    const origin = this.spokesman.peek();
    const answer = await ask<Body>(origin, path, asked);
    if (answer.kind !== "unanswered") return answer;
    this.chooseAnew(true);
    const next = this.spokesman.peek();
    return next === origin ? answer : ask<Body>(next, path, asked);
  }

  /** A write is sent again under the same key, so that it is done once. */
  write<Body>(path: string, asked: Asked): Promise<Answered<Body>> {
    const headers = { ...asked.headers, "Idempotency-Key": newIdempotencyKey() };
    return this.ask<Body>(path, { ...asked, headers });
  }

  private mayAsk(address: string): boolean {
    return this.members.has(address) || address === location.host;
  }

  private async askRound(): Promise<void> {
    const timeoutMs = POLL_TIMEOUT_MS;
    const origin = this.spokesman.peek();
    const [status, why] = await Promise.all([
      ask<Status>(origin, "/cluster/status", { timeoutMs }),
      ask<Why>(origin, "/v1/why", { timeoutMs }),
    ]);
    if (!this.isRunning) return;
    if (status.kind === "ok") {
      if (this.homeId.peek() === null && goesHome(status.body, status.node)) return;
      batch(() => {
        if (origin === "") this.homeId.value = status.node ?? this.homeId.peek();
        this.status.value = status.body;
        if (why.kind === "ok") this.why.value = why.body;
        this.isAlone.value = false;
        this.meet(status.body);
      });
    } else this.despair();
    this.poll = setTimeout(() => void this.askRound(), POLL_MS);
  }

  /** Hears every member that can be heard, and forgets those that are members no more. */
  private meet({ nodes }: Status): void {
    const known = this.feeds.peek();
    const kept = known.filter(({ id }) => nodes.some((node) => node.id === id));
    for (const feed of known) if (!kept.includes(feed)) feed.close();
    const met = nodes.flatMap(({ address, id }) => {
      if (kept.some((feed) => feed.id === id)) return [];
      if (id === this.homeId.peek()) return [new NodeFeed(id, "")];
      if (address === null || !this.mayAsk(address)) return [];
      return [new NodeFeed(id, `${location.protocol}//${address}`)];
    });
    if (met.length > 0 || kept.length < known.length) this.feeds.value = [...kept, ...met];
    for (const feed of this.feeds.peek()) {
      const told = nodes.find(({ id }) => id === feed.id);
      if (told?.healthy === true || met.includes(feed)) this.dial(feed);
    }
  }

  /** Nobody tells who is well: each is tried, for one of them may be back. */
  private despair(): void {
    this.chooseAnew(true);
    const feeds = this.feeds.peek();
    if (feeds.some((feed) => this.isFresh(feed))) return;
    this.isAlone.value = true;
    for (const feed of feeds) this.dial(feed);
  }

  private dial(feed: NodeFeed): void {
    const waitMs = feed.live.peek() === null ? RETRY_UNHEARD_MS : RETRY_MS;
    const lastMs = Math.max(feed.triedAtMs, feed.lostAtMs);
    if (performance.now() - lastMs >= waitMs) void feed.connect();
  }

  private chooseAnew(hasFailed: boolean): void {
    const candidates = this.feeds.value.map((feed) => ({
      id: feed.id,
      origin: feed.origin,
      isFresh: this.isFresh(feed),
    }));
    if (candidates.length === 0) return;
    this.spokesman.value = chooseSpokesman(candidates, this.spokesman.peek(), hasFailed);
  }
}
