import { Panel } from "./panel";

export function TimelinePanel() {
  return <Panel id="timeline" title="Timeline" children={null} />;
}
