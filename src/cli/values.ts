/** Values on the command line: as they are read, shown and told in JSON. */
import type { JsonValue, StoredValue } from "../client/index";
import { UsageError } from "./exit-codes";

export const VALUE_KINDS = ["text", "json", "bytes"] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** A byte order mark is a character like any other: it is kept. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What `bytes` are to be stored as. **Errors**: `UsageError` where they are no such thing. */
export function readValue(bytes: Uint8Array<ArrayBuffer>, kind: ValueKind): StoredValue {
  if (kind === "bytes") return bytes;
  const text = decode(bytes);
  return kind === "text" ? text : parse(text);
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new UsageError("the value is not well-formed UTF-8: store it with --as bytes");
  }
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`the value is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** A value by itself: bytes as they are, text unquoted, anything else as compact JSON. */
export const rawValue = (value: StoredValue): string | Uint8Array =>
  typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value);

/** A value in a row: text in quotes, so that "1" and 1 are two. */
export const shownValue = (value: StoredValue): string =>
  value instanceof Uint8Array ? `<${value.byteLength} bytes>` : JSON.stringify(value);

/** An answer in JSON, as the API tells it: bytes as base64, with `encoding` beside them. */
export const toJson = (answer: unknown): string =>
  JSON.stringify(answer, (_name, part: unknown) =>
    isWithBytes(part)
      ? { ...part, value: Buffer.from(part.value).toString("base64"), encoding: "base64" }
      : part,
  );

const isWithBytes = (part: unknown): part is { readonly value: Uint8Array } =>
  typeof part === "object" && part !== null && "value" in part && part.value instanceof Uint8Array;
