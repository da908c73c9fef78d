import { Panel } from "./panel";

export function LogPanel() {
  return <Panel id="log" title="Log" children={null} />;
}
