/** Charts, fetched and laid out once each; the layout is found in a thread of its own. */
import ELK from "elkjs/lib/elk-api";
import type { Chart } from "../answers";
import { type Arrow, arrowsOf, layoutInput } from "../view/chart-graph";
import { type ChartShapes, chartShapes } from "../view/chart-shapes";
import type { ClusterFeed } from "./cluster-feed";

export interface DrawnChart {
  readonly chart: Chart;
  readonly arrows: readonly Arrow[];
  readonly shapes: ChartShapes;
}

export class ChartLayouts {
  private readonly elk: InstanceType<typeof ELK>;
  /** By the name of the chart: it is the same on every node. */
  private readonly drawn = new Map<string, Promise<DrawnChart | null>>();

  /** The worker is begun at once: its node may be gone when the first chart is wanted. */
  constructor(
    private readonly cluster: ClusterFeed,
    workerUrl: string,
  ) {
    this.elk = new ELK({ workerUrl });
  }

  /** A chart as it is drawn; null where nobody answers, which is not kept. */
  async draw(name: string): Promise<DrawnChart | null> {
    const held = this.drawn.get(name);
    if (held !== undefined) return held;
    const drawing = this.layOut(name);
    this.drawn.set(name, drawing);
    const done = await drawing;
    if (done === null) this.drawn.delete(name);
    return done;
  }

  private async layOut(name: string): Promise<DrawnChart | null> {
    const path = `/v1/inspect/chart?machine=${encodeURIComponent(name)}`;
    const answer = await this.cluster.ask<Chart>(path);
    if (answer.kind !== "ok") return null;
    const chart = answer.body;
    const arrows = arrowsOf(chart);
    const laid = await this.elk.layout(layoutInput(chart, arrows));
    return { chart, arrows, shapes: chartShapes(chart, arrows, laid) };
  }
}
