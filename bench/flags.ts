/** The command line of `bun run bench`. */
import { parseArgs } from "node:util";

export interface BenchFlags {
  /** Scenarios by name; null for all. */
  readonly only: readonly string[] | null;
  readonly rounds: number;
  /** One short round: shows that all works, and its figures are worth little. */
  readonly isQuick: boolean;
  /** Where the results go; null for the file of which the README is made. */
  readonly jsonFile: string | null;
  readonly isListing: boolean;
}

export const USAGE =
  "usage: bun run bench [--only NAME,NAME] [--rounds N] [--quick] [--json FILE] [--list]";

const ROUNDS_DEFAULT = 5;

/** Errors: an unknown flag or scenario, or a number of rounds that is none. */
export function readFlags(words: readonly string[], known: readonly string[]): BenchFlags {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      list: { type: "boolean", default: false },
    },
  });
  const only = values.only?.split(",") ?? null;
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`there is no scenario ${unknown}; there are ${known.join(", ")}`);
  }
  const rounds = Number(values.rounds ?? (values.quick ? 1 : ROUNDS_DEFAULT));
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new Error("--rounds takes a whole number from 1");
  }
  return {
    only,
    rounds,
    isQuick: values.quick,
    jsonFile: values.json ?? null,
    isListing: values.list,
  };
}
