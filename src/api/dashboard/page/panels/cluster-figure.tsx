/** The cluster drawn: nodes on a ring, messages flowing along the links. */
import { useRef } from "preact/hooks";
import { rate } from "../view/formats";
import { type Bow, bowBetween, type Place, ringOf } from "../view/ring";
import type { Flow, FlowKind } from "../view/traffic";
import { NodeCard } from "./node-card";
import { usePage } from "./page-context";
import { useSize } from "./use-size";

interface Link {
  readonly from: Place;
  readonly to: Place;
  readonly flow: Flow | null;
  /** Why nothing passes; null where something does. */
  readonly fault: string | null;
}

/** Until it is measured. **Units**: CSS pixels. */
const FIRST_SIZE = { width: 520, height: 340 };

export function ClusterFigure() {
  const { cluster, leader } = usePage();
  const box = useRef<HTMLDivElement>(null);
  const measured = useSize(box);
  const size = measured.width > 0 ? measured : FIRST_SIZE;
  const nodes = cluster.nodes.value;
  const places = ringOf(nodes.map(({ id }) => id));
  const links = useLinks(places);
  return (
    <div class="cluster-figure" ref={box}>
      <svg viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
        {links.map((link) => (
          <LinkLine
            key={`${link.from.id}-${link.to.id}`}
            link={link}
            bow={bowBetween(link.from, link.to, size)}
            isMain={link.from.id === leader.value?.id}
          />
        ))}
      </svg>
      {places.map((place) => {
        const node = nodes.find(({ id }) => id === place.id);
        return node && <NodeCard key={place.id} node={node} place={place} />;
      })}
      <ul class="unseen">
        {links.map(({ fault, flow, from, to }) => (
          <li key={`${from.id}-${to.id}`}>
            Node {from.id} to node {to.id}: {fault ?? `${rate(flow?.perSecond ?? 0)} messages/s`}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Every pair of nodes in both directions, as the one that sends sees it. */
function useLinks(places: readonly Place[]): readonly Link[] {
  const { cluster } = usePage();
  return places.flatMap((from) => {
    const feed = cluster.feedOf(from.id);
    const isFresh = feed !== null && cluster.isFresh(feed);
    const peers = isFresh ? feed.live.value?.peers : undefined;
    return places
      .filter(({ id }) => id !== from.id)
      .map((to) => {
        const peer = peers?.find(({ id }) => id === to.id);
        const isOpen = peer === undefined ? isFresh || feed === null : peer.link === "open";
        const fault = isOpen && peer?.healthy !== false ? null : (peer?.reason ?? "no answer");
        const flow = feed?.flows.value.find((one) => one.to === to.id) ?? null;
        return { from, to, flow, fault };
      });
  });
}

const KIND_TITLES: Readonly<Record<FlowKind, string>> = {
  votes: "votes",
  snapshot: "snapshot",
  append: "AppendEntries",
  quiet: "",
};

function LinkLine({ bow, isMain, link }: { link: Link; bow: Bow; isMain: boolean }) {
  const { fault, flow } = link;
  const kind = fault !== null ? "broken" : (flow?.kind ?? "quiet");
  const isFlowing = fault === null && flow !== null && flow.perSecond > 0;
  return (
    <g class="link" data-kind={kind}>
      <path class="link-line" d={bow.path} />
      {isFlowing && <path class="link-flow" data-pace={paceOf(flow.perSecond)} d={bow.path} />}
      {isMain && isFlowing && (
        <text class="link-rate" x={bow.middle.x} y={bow.middle.y}>
          {rate(flow.perSecond)}/s {KIND_TITLES[flow.kind]}
        </text>
      )}
    </g>
  );
}

/** Three paces are told apart at a glance; a thousand are not. */
const paceOf = (perSecond: number): "slow" | "steady" | "busy" =>
  perSecond < 5 ? "slow" : perSecond < 200 ? "steady" : "busy";
