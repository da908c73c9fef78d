/**
 * JSON that loses nothing. `JSON.parse` silently takes the last of two members of one name, turns
 * 1e400 into Infinity and rounds long integers; what a client sent must be stored as it was or be
 * refused, so these are errors here.
 */
import { JSON_DEPTH_MAX } from "./limits";
import { invalidRequest } from "./refusals";

/** What JSON text says. */
export type JsonTree =
  | string
  | number
  | boolean
  | null
  | readonly JsonTree[]
  | { readonly [name: string]: JsonTree };

/** Parses `text`. **Errors**: `invalid_request` where it is malformed or would lose something. */
export function parseStrictJson(text: string): JsonTree {
  const parsed = parse(text);
  const survey = surveyOf(text);
  if (survey.depth > JSON_DEPTH_MAX) {
    throw invalidRequest(`the JSON is nested ${survey.depth} deep; at most ${JSON_DEPTH_MAX}`);
  }
  if (membersOf(parsed) !== survey.members) {
    throw invalidRequest("an object in the JSON has two members of the same name");
  }
  return parsed;
}

function parse(text: string): JsonTree {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidRequest(`the body is not JSON: ${error instanceof Error ? error.message : ""}`);
  }
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const UPPER_E = 0x45;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Walks the tokens of well-formed JSON: how deep it is, how many members its objects have. */
function surveyOf(text: string): { readonly depth: number; readonly members: number } {
  let members = 0;
  let open = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) members++;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth = Math.max(depth, ++open);
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) open--;
    else if (code === MINUS || (code >= ZERO && code <= NINE)) at = endOfNumber(text, at);
  }
  return { depth, members };
}

/** Where the closing quote of the string that opens at `start` is. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

const NUMBER = /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;
/** A binary64 printed with this many significant digits reads back as itself. */
const DOUBLE_DIGITS = 17;

/** Fifteen digits always survive, and this is the common case. */
const SHORT = 15;

/** Where the number that begins at `start` ends. **Errors**: where it cannot be held exactly. */
function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  let hasPower = false;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === UPPER_E || code === LOWER_E) hasPower = true;
    else if (code > NINE || code < PLUS || code === COMMA) break;
  }
  if (hasPower || end - start > SHORT) assertSurvives(text.slice(start, end));
  return end - 1;
}

function assertSurvives(token: string): void {
  if (survives(token)) return;
  throw invalidRequest(`the number ${shorten(token)} cannot be stored exactly; send a string`);
}

/** Whether reading `token` as a double keeps what it says. */
function survives(token: string): boolean {
  const value = Number(token);
  if (!Number.isFinite(value)) return false;
  const sent = decimalOf(token);
  const kept = decimalOf(String(value));
  if (sent.digits === kept.digits && sent.exponent === kept.exponent) return true;
  // A fraction of a double, printed with more digits than the shortest form has, is still itself.
  const isFraction = sent.exponent < 0;
  return isFraction && sent.digits.length <= DOUBLE_DIGITS && value !== 0;
}

/** The number as `digits · 10^exponent`, without zeros at either end of the digits. */
function decimalOf(token: string): { readonly digits: string; readonly exponent: number } {
  const [, whole = "", fraction = "", power = "0"] = NUMBER.exec(token) ?? [];
  const padded = (whole + fraction).replace(/^0+/, "");
  const digits = padded.replace(/0+$/, "");
  if (digits === "") return { digits, exponent: 0 };
  return { digits, exponent: Number(power) - fraction.length + padded.length - digits.length };
}

const shorten = (token: string): string => (token.length > 40 ? `${token.slice(0, 40)}…` : token);

/** Counts members, and refuses half a surrogate pair, which has no UTF-8. */
function membersOf(parsed: JsonTree): number {
  if (typeof parsed === "string") {
    assertWellFormed(parsed);
    return 0;
  }
  if (typeof parsed !== "object" || parsed === null) return 0;
  if (isList(parsed)) return parsed.reduce<number>((sum, item) => sum + membersOf(item), 0);
  let members = 0;
  for (const name of Object.keys(parsed)) {
    assertWellFormed(name);
    members += 1 + membersOf(parsed[name] ?? null);
  }
  return members;
}

const isList = (tree: JsonTree): tree is readonly JsonTree[] => Array.isArray(tree);

function assertWellFormed(text: string): void {
  if (!text.isWellFormed()) throw invalidRequest("a string in the JSON has half a surrogate pair");
}
