import { Panel } from "./panel";

export function LoadPanel() {
  return <Panel id="load" title="Load" children={null} />;
}
