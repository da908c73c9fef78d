/** What the panels share: the cluster, and what the visitor looks at. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { type LoadColumns, loadOf, withLoad } from "../view/load";
import { leaderOf } from "../view/node-view";
import { ChartLayouts } from "./chart-layouts";
import { startClock, wallMs } from "./clock";
import { ClusterFeed } from "./cluster-feed";

/** A page that nobody sees stops listening after this. */
const HIDDEN_MS_MAX = 15_000;

export class PageModel {
  readonly cluster: ClusterFeed;
  readonly layouts: ChartLayouts;
  /** The node looked at; null is the leader, whoever that is. */
  readonly chosenNode = signal<number | null>(null);
  /** The machine whose chart is drawn. */
  readonly machine = signal("raft");

  /** What the plots show: a sample at each tick. */
  readonly load = signal<LoadColumns>({ times: [], loads: [] });

  readonly leader = computed(() => leaderOf(this.cluster.nodes.value));
  /** The node that is shown in detail. */
  readonly shownNode = computed(() => {
    const nodes = this.cluster.nodes.value;
    const wanted = this.chosenNode.value ?? this.lastLeader.value;
    return nodes.find(({ id }) => id === wanted) ?? nodes[0] ?? null;
  });
  readonly shownFeed = computed(() => {
    const shown = this.shownNode.value;
    return shown === null ? null : this.cluster.feedOf(shown.id);
  });
  /** Stays with the last leader while there is none, so that the page does not jump. */
  private readonly lastLeader = signal<number | null>(null);

  constructor(members: readonly string[], layoutWorkerUrl: string) {
    this.cluster = new ClusterFeed(members);
    this.layouts = new ChartLayouts(this.cluster, layoutWorkerUrl);
    effect(() => {
      const leader = this.leader.value;
      if (leader !== null) this.lastLeader.value = leader.id;
    });
    effect(() => this.sampleLoad(wallMs.value));
  }

  private sampleLoad(atMs: number): void {
    untracked(() => {
      const fresh = this.cluster.feeds.value.filter((feed) => this.cluster.isFresh(feed));
      const lives = fresh.flatMap(({ live }) => live.value ?? []);
      if (lives.length > 0) this.load.value = withLoad(this.load.value, atMs, loadOf(lives));
    });
  }

  /** Listens while somebody looks. */
  start(): void {
    let stopClock = startClock();
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.cluster.start();
    document.addEventListener("visibilitychange", () => {
      clearTimeout(timer);
      if (document.hidden) {
        timer = setTimeout(() => {
          stopClock();
          this.cluster.stop();
        }, HIDDEN_MS_MAX);
        return;
      }
      stopClock();
      stopClock = startClock();
      this.cluster.start();
    });
  }
}
