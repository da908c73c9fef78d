/** What all machines of all nodes did, one story by wall time. */
import { useSignal } from "@preact/signals";
import { useCallback, useMemo } from "preact/hooks";
import type { Transition } from "../answers";
import { wallMs } from "../live/clock";
import { type Interval, roleSpans, within } from "../view/time-line";
import { kindOf, ofMachine } from "../view/transitions";
import { Choice } from "./choice";
import { usePage } from "./page-context";
import { Panel } from "./panel";
import { type Lane, TimeLineFigure, TimeLineLegend } from "./time-line-figure";
import { TransitionList } from "./transition-list";

const REACHES = [
  { value: 30_000, title: "30 s" },
  { value: 120_000, title: "2 min" },
  { value: 600_000, title: "10 min" },
] as const;

export function TimelinePanel() {
  const { cluster } = usePage();
  const reachMs = useSignal<number>(120_000);
  const kind = useSignal<string | null>(null);
  const pointedAt = useSignal<Transition | null>(null);
  const all = cluster.transitions.value;
  const kinds = [...new Set(all.map(({ machine }) => kindOf(machine)))].sort();
  const wanted = useMemo(() => ofMachine(all, kind.value), [all, kind.value]);
  const shown = { fromMs: wallMs.value - reachMs.value, toMs: wallMs.value };
  const lanes = useLanes(wanted, shown);
  const onPoint = useCallback((transition: Transition | null) => {
    pointedAt.value = transition;
  }, []);
  // The lanes move with every tick, the story only when something happens.
  const story = useMemo(
    () => <TransitionList transitions={wanted} pointedAt={pointedAt.value} onPoint={onPoint} />,
    [wanted, pointedAt.value],
  );
  return (
    <Panel
      id="timeline"
      title="Time-line"
      note={`${wanted.length} transitions known`}
      tools={
        <>
          <MachineKinds kinds={kinds} chosen={kind.value} onChoose={(one) => (kind.value = one)} />
          <Choice
            label="Reach back"
            options={REACHES}
            chosen={reachMs.value}
            onChoose={(reach) => (reachMs.value = reach)}
          />
        </>
      }
    >
      <TimeLineFigure lanes={lanes} shown={shown} pointedAt={pointedAt.value} onPoint={onPoint} />
      <TimeLineLegend />
      {story}
    </Panel>
  );
}

function useLanes(wanted: readonly Transition[], shown: Interval): readonly Lane[] {
  const { cluster } = usePage();
  return cluster.nodes.value.map(({ id }) => {
    const feed = cluster.feedOf(id);
    return {
      id,
      spans: roleSpans(feed?.transitions.value ?? [], feed?.silences.value ?? [], shown),
      transitions: within(
        wanted.filter(({ node }) => node === id),
        shown,
      ),
    };
  });
}

interface MachineKindsParts {
  readonly kinds: readonly string[];
  readonly chosen: string | null;
  readonly onChoose: (kind: string | null) => void;
}

function MachineKinds({ chosen, kinds, onChoose }: MachineKindsParts) {
  return (
    <label>
      <span class="unseen">Machines</span>
      <select
        value={chosen ?? ""}
        onChange={({ currentTarget }) => onChoose(currentTarget.value || null)}
      >
        <option value="">all machines</option>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {kind}
          </option>
        ))}
      </select>
    </label>
  );
}
