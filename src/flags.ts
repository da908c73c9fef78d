/** Flags and their variables in the environment: which there are, and how each kind is read. */
import { parseArgs } from "node:util";
import { type HostAndPort, parseHostAndPort, readReachableAddress } from "./api/addresses";
import { StartupError } from "./errors";
import { type Address, type NodeId, nodeId } from "./types";

export interface Flag {
  readonly name: string;
  /** Its variable, which bears the same name; empty where it has none. */
  readonly environment: string;
  /** As it would be written, or what stands for it; empty where there is none. */
  readonly fallback: string;
  readonly meaning: string;
}

export const flag = (name: string, fallback: string, meaning: string): Flag => ({
  name,
  environment: `BALSA_${name.toUpperCase().replaceAll("-", "_")}`,
  fallback,
  meaning,
});

/** What a command takes. */
export interface FlagSet {
  readonly flags: readonly Flag[];
  /** Those that take no value and have no variable. */
  readonly switches: readonly string[];
}

/** The switches that ask for something else than to be started. */
export const QUESTIONS = ["help", "version"];

/** The flags as they were given; a switch has an empty value. **Errors**: `bad_flag`. */
export function readFlags(args: readonly string[], known: FlagSet): Map<string, string> {
  const options = Object.fromEntries([
    ...known.flags.map(({ name }) => [name, { type: "string" as const }]),
    ...QUESTIONS.map((name) => [name, { type: "boolean" as const, short: name.charAt(0) }]),
    ...known.switches.map((name) => [name, { type: "boolean" as const }]),
  ]);
  const switches = [...QUESTIONS, ...known.switches];
  // Not strict, for the sake of messages of our own: one line that says how to mend it.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind !== "option") throw badFlag(`${JSON.stringify(args[token.index])} is no flag`);
    const { name, rawName, value, inlineValue } = token;
    if (given.has(name)) throw badFlag(`${rawName} is given twice`);
    if (switches.includes(name)) {
      if (value !== undefined) throw badFlag(`${rawName} takes no value`);
    } else {
      const isKnown = known.flags.some((flag) => flag.name === name);
      if (!isKnown) throw badFlag(`there is no flag ${rawName}`);
      if (!value) throw badFlag(`${rawName} needs a value`);
      if (!inlineValue && value.startsWith("--")) {
        throw badFlag(`${rawName} needs a value, but ${value} follows`);
      }
    }
    given.set(name, value ?? "");
  }
  return given;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Adds what the environment says and the command line does not. */
export function addEnvironment(
  given: Map<string, string>,
  flags: readonly Flag[],
  environment: Environment,
): void {
  for (const { name, environment: variable } of flags) {
    const value = environment[variable];
    // An empty variable is how a shell or a compose file says "none".
    if (!given.has(name) && value !== undefined && value !== "") given.set(name, value);
  }
}

/** `--id`. **Errors**: `bad_flag`. */
export function readId(text: string): NodeId {
  const id = parseId(text);
  if (id === null) throw badFlag(`--id ${text} is no positive integer`);
  return id;
}

export function parseId(text: string): NodeId | null {
  const number = /^[1-9][0-9]*$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? nodeId(number) : null;
}

/** **Errors**: `bad_flag`. */
export function readAddress(name: string, text: string): HostAndPort {
  const address = parseHostAndPort(text);
  if (address === null || address.port === null) {
    throw badFlag(`${name} ${text} is no host:port, such as 127.0.0.1:8080 or [::1]:8080`);
  }
  return address;
}

/** An address that others dial, in its one spelling. **Errors**: `bad_flag`. */
export function readReachable(name: string, text: string): Address {
  const read = readReachableAddress(text);
  if (typeof read === "string") throw badFlag(`${name} ${text} ${read}`);
  return read.address;
}

/** One line of help. */
export const describeFlag = ({ environment, fallback, meaning, name }: Flag): string =>
  `  --${name.padEnd(20)}${environment.padEnd(28)}${meaning} (${fallback})`;

export const badFlag = (what: string): StartupError =>
  new StartupError("bad_flag", `${what}; --help lists the flags`);
