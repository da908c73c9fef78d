/** The nodes and the links between them, as they are now. */
import { ClusterFigure } from "./cluster-figure";
import { usePage } from "./page-context";
import { Panel } from "./panel";

export function ClusterPanel() {
  const { cluster } = usePage();
  const status = cluster.status.value;
  const quorum = status?.quorum;
  const note =
    quorum && `${quorum.reachable} of ${quorum.voters} voters reachable, ${quorum.needed} needed`;
  return (
    <Panel id="cluster" title="Cluster" note={note}>
      <ClusterFigure />
    </Panel>
  );
}
