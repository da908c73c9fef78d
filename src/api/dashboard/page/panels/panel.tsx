/** One part of the page, with a heading that leads to it. */
import type { ComponentChildren } from "preact";

interface PanelParts {
  readonly id: string;
  readonly title: string;
  /** Beside the title: what the panel shows just now. */
  readonly note?: ComponentChildren;
  /** At the right: what can be chosen. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Panel({ children, id, note, title, tools }: PanelParts) {
  return (
    <section class={`panel panel-${id}`} id={id} aria-labelledby={`${id}-title`}>
      <header class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {note !== undefined && <p class="panel-note">{note}</p>}
        {tools !== undefined && <div class="panel-tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}
