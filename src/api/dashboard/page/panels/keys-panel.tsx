import { Panel } from "./panel";

export function KeysPanel() {
  return <Panel id="keys" title="Keys" children={null} />;
}
