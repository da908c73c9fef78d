/** Every transition of a chart in words, those that change no state too. */
import type { ChartTransition } from "../answers";
import { eventTitle } from "../view/chart-graph";

export function ChartTable({ transitions }: { transitions: readonly ChartTransition[] }) {
  return (
    <details class="chart-table">
      <summary>All {transitions.length} transitions as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: Justification: it scrolls. */}
      <section class="scroll" tabIndex={0} aria-label="Transitions of the chart">
        <table>
          <thead>
            <tr>
              <th scope="col">In</th>
              <th scope="col">on</th>
              <th scope="col">if</th>
              <th scope="col">do</th>
              <th scope="col">then</th>
            </tr>
          </thead>
          <tbody>
            {transitions.map((transition, at) => (
              <tr key={`${at}-${transition.from}`}>
                <td>{transition.from}</td>
                <td>{eventTitle(transition)}</td>
                <td>{transition.event === "" ? "" : transition.guard}</td>
                <td>{transition.actions.join(", ")}</td>
                <td>{transition.to}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
