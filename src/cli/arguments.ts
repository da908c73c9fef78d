/** Reads what a command line says, and says what is wrong with it in one sentence. */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { parseEndpoint } from "../client/index";
import { parseDurationMs } from "../durations";
import { UsageError } from "./exit-codes";

/** `host:port`s by commas. */
export const readEndpoints = (text: string): readonly string[] =>
  endpointsIn(text, (detail) => new InvalidArgumentError(`${detail}.`));

/** The same, from the environment. **Errors**: `UsageError`. */
export const parseEndpoints = (text: string): readonly string[] =>
  endpointsIn(text, (detail) => new UsageError(`BALSA_ENDPOINTS: ${detail}`));

function endpointsIn(text: string, refusal: (detail: string) => Error): readonly string[] {
  return text.split(",").map((part) => {
    const endpoint = parseEndpoint(part);
    if (endpoint === null) throw refusal(`${JSON.stringify(part)} is no host:port`);
    return endpoint;
  });
}

/** **Units**: ms. */
export function readDuration(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === null || durationMs === 0) {
    throw new InvalidArgumentError("It is no duration such as 500ms, 5s, 2m.");
  }
  return durationMs;
}

const integerFrom = (min: number) => (text: string) => {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < min) {
    throw new InvalidArgumentError(`It is no integer of at least ${min}.`);
  }
  return number;
};
/** A revision; 0 stands for "absent". */
export const readRevision = integerFrom(0);
/** An id, an index, a count. */
export const readPositive = integerFrom(1);
