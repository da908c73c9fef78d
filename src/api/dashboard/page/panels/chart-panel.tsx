import { Panel } from "./panel";

export function ChartPanel() {
  return <Panel id="chart" title="Chart" children={null} />;
}
