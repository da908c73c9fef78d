/** Log lines that a person can read and a program can split: time, level, node, words, facts. */
import type { LogFacts, Logger, LogLevel } from "../actors/logger";
import type { NodeId } from "../types";

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LogLinesOptions {
  readonly node: NodeId;
  readonly level: LogLevel;
  /** Wall time in ms since the epoch. */
  wallMs(): number;
  write(line: string): void;
}

/** A logger that writes one line for each message at or above `level`. */
export function logLines({ level, node, wallMs, write }: LogLinesOptions): Logger {
  return (messageLevel, message, facts = {}) => {
    if (severity[messageLevel] < severity[level]) return;
    const time = new Date(wallMs()).toISOString();
    write(`${time} ${messageLevel.padEnd(5)} node=${node} ${message}${formatFacts(facts)}\n`);
  };
}

function formatFacts(facts: LogFacts): string {
  const pairs = Object.entries(facts).map(([name, value]) => `${name}=${formatValue(value)}`);
  return pairs.length === 0 ? "" : ` | ${pairs.join(" ")}`;
}

/** Quoted where a space or a control character would make the line ambiguous. */
function formatValue(value: LogFacts[string]): string {
  const text = String(value);
  return /^[\w.:/+-]+$/.test(text) ? text : JSON.stringify(text);
}
