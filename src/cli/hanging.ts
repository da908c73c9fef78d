/** Sentences beside what they are about. */
import type { Terminal } from "./terminal";

/** Less than this is no width to read a sentence in. */
const COLUMNS_MIN = 20;

/** `head`, then `text`; on a terminal wrapped, its further lines under its first. */
export function hanging(head: string, text: string, terminal: Terminal): string {
  const indent = Bun.stringWidth(head);
  const columns = terminal.columns - indent;
  if (!terminal.isInteractive || columns < COLUMNS_MIN) return `${head}${text}\n`;
  const lines = Bun.wrapAnsi(text, columns).split("\n");
  return `${head}${lines.join(`\n${" ".repeat(indent)}`)}\n`;
}
