/** The statechart of the chosen machine, drawn from the machine itself. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Machine, Transition } from "../answers";
import type { DrawnChart } from "../live/chart-layouts";
import { arrowTaken, litStates } from "../view/chart-lit";
import { duration } from "../view/formats";
import { stepOf } from "../view/transitions";
import { ChartFigure } from "./chart-figure";
import { ChartTable } from "./chart-table";
import { usePage } from "./page-context";
import { Panel } from "./panel";

/** Nobody answered: asked again after this. */
const RETRY_MS = 2_000;

export function ChartPanel() {
  const { machine: chosen, shownFeed, shownNode } = usePage();
  const node = shownNode.value;
  const machines = (shownFeed.value?.inspection.value?.machines ?? []).filter(
    ({ chart }) => chart !== null,
  );
  const machine = machines.find((one) => one.machine === chosen.value) ?? null;
  // A follower has no replicators: the chart stays, with nothing lit.
  const name = machine?.machine ?? chosen.value;
  const drawn = useChart(machine?.chart ?? name.split("/", 1)[0] ?? name);
  const last = shownFeed.value?.transitions.value.findLast((one) => one.machine === name) ?? null;
  return (
    <Panel
      id="chart"
      title="Statechart"
      note={`${name}, node ${node?.id ?? "?"}: ${stands(machine)}`}
      tools={<MachineSelect machines={machines} name={name} />}
    >
      {drawn === null ? (
        <p class="empty chart-empty">Laying the chart out…</p>
      ) : (
        <Drawn drawn={drawn} machine={machine} last={last} name={name} />
      )}
    </Panel>
  );
}

const stands = (machine: Machine | null): string =>
  machine === null ? "not there now" : `${machine.state} for ${duration(machine.in_state_ms)}`;

interface DrawnParts {
  readonly drawn: DrawnChart;
  readonly machine: Machine | null;
  readonly last: Transition | null;
  readonly name: string;
}

function Drawn({ drawn, last, machine, name }: DrawnParts) {
  const taken = last === null ? null : arrowTaken(drawn.arrows, last);
  return (
    <>
      <figure>
        <ChartFigure
          shapes={drawn.shapes}
          lit={litStates(machine?.state ?? null)}
          taken={taken?.id ?? null}
          takenSeq={last?.seq ?? 0}
          label={`The chart of ${name}: ${stands(machine)}`}
        />
        {last !== null && (
          <figcaption class="chart-last">
            <span class="last-step">{stepOf(last)}</span>
            <span class="last-event">{last.event}</span>
            <span>{last.reason}</span>
          </figcaption>
        )}
      </figure>
      <ChartTable transitions={drawn.chart.transitions} />
    </>
  );
}

/** The chart of a name once it is laid out; the one before stays until then. */
function useChart(name: string): DrawnChart | null {
  const { layouts } = usePage();
  const drawn = useSignal<DrawnChart | null>(null);
  useEffect(() => {
    let isWanted = true;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const draw = async () => {
      const done = await layouts.draw(name);
      if (!isWanted) return;
      if (done !== null) drawn.value = done;
      else retry = setTimeout(draw, RETRY_MS);
    };
    void draw();
    return () => {
      isWanted = false;
      clearTimeout(retry);
    };
  }, [name]);
  return drawn.value;
}

function MachineSelect({ machines, name }: { machines: readonly Machine[]; name: string }) {
  const { machine: chosen } = usePage();
  const names = machines.map(({ machine }) => machine);
  return (
    <label>
      <span class="unseen">Machine</span>
      <select
        value={name}
        onChange={(event) => {
          chosen.value = event.currentTarget.value;
        }}
      >
        {[...new Set([...names, name])].map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
