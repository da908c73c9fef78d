/** Rows under headings, aligned; on a terminal cut to its width, elsewhere whole. */
import { escapeControls } from "./escape-controls";
import type { Paint } from "./style";
import type { Terminal } from "./terminal";

export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** Numbers stand on the right. */
  readonly isNumber?: boolean;
  /** Colours what is already aligned and cut, so that colour counts as no column. */
  readonly paint?: (text: string, row: Row) => string;
}

const GAP = "  ";

/** The lines of a table, each with its end. */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { paint, terminal }: { readonly paint: Paint; readonly terminal: Terminal },
): string {
  const cells = rows.map((row) => columns.map(({ cell }) => escapeControls(cell(row))));
  const widths = columns.map(({ heading }, at) =>
    Math.max(heading.length, ...cells.map((line) => Bun.stringWidth(line[at] ?? ""))),
  );
  const lineOf = (texts: readonly string[], paintCell: (text: string, at: number) => string) => {
    let left = terminal.isInteractive ? terminal.columns : Number.POSITIVE_INFINITY;
    const parts: string[] = [];
    for (const [at, text] of texts.entries()) {
      if (left <= 0) break;
      const isLast = at === texts.length - 1;
      const wanted = isLast ? Bun.stringWidth(text) : (widths[at] ?? 0);
      const width = Math.min(wanted, left);
      left -= width + GAP.length;
      parts.push(paintCell(fit(text, width, columns[at]?.isNumber === true), at));
    }
    return `${parts.join(GAP).trimEnd()}\n`;
  };
  const headings = columns.map(({ heading }) => heading);
  const body = rows.map((row, at) =>
    lineOf(cells[at] ?? [], (text, of) => columns[of]?.paint?.(text, row) ?? text),
  );
  return lineOf(headings, (text) => paint("dim", text)) + body.join("");
}

/** `text` in exactly `width` columns; what is cut ends with an ellipsis. */
function fit(text: string, width: number, isNumber: boolean): string {
  const shown = Bun.stringWidth(text) > width ? cut(text, width) : text;
  const space = " ".repeat(Math.max(0, width - Bun.stringWidth(shown)));
  return isNumber ? space + shown : shown + space;
}

function cut(text: string, width: number): string {
  let kept = "";
  let columns = 1;
  for (const character of text) {
    columns += Bun.stringWidth(character);
    if (columns > width) break;
    kept += character;
  }
  return width > 0 ? `${kept}…` : "";
}
