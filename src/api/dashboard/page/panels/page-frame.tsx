/** The page from top to bottom. */
import { ChartPanel } from "./chart-panel";
import { ClusterPanel } from "./cluster-panel";
import { KeysPanel } from "./keys-panel";
import { LoadPanel } from "./load-panel";
import { LogPanel } from "./log-panel";
import { Masthead } from "./masthead";
import { NodePanel } from "./node-panel";
import { Notices } from "./notices";
import { TimelinePanel } from "./timeline-panel";
import { WhyLine } from "./why-line";

export function Page() {
  return (
    <>
      <a class="skip" href="#main">
        Skip to the cluster
      </a>
      <Masthead />
      <main id="main" tabIndex={-1}>
        <Notices />
        <WhyLine />
        <div class="row cluster-row">
          <ClusterPanel />
          <NodePanel />
        </div>
        <ChartPanel />
        <TimelinePanel />
        <div class="row even-row">
          <LogPanel />
          <LoadPanel />
        </div>
        <KeysPanel />
      </main>
    </>
  );
}
