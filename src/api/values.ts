/** Values as answers show them, and their size. */
import type { KeyValue, Value } from "../types";
import { VALUE_BYTES_MAX } from "./limits";
import { tooLarge } from "./refusals";

/** **Units**: bytes of the text's UTF-8, of the bytes, or of the compact JSON. */
function sizeOf(value: Value): number {
  switch (value.kind) {
    case "text":
      return Buffer.byteLength(value.text);
    case "json":
      return Buffer.byteLength(value.json);
    case "bytes":
      return value.bytes.byteLength;
  }
}

/** **Errors**: `too_large`. */
export function assertValueFits(value: Value): void {
  const actual = sizeOf(value);
  if (actual > VALUE_BYTES_MAX) throw tooLarge("the value", { actual, limit: VALUE_BYTES_MAX });
}

/** The members `value` and, for bytes, `encoding` of a JSON object; stored JSON goes verbatim. */
export function valueMembers(value: Value): string {
  switch (value.kind) {
    case "text":
      return `"value":${JSON.stringify(value.text)}`;
    case "json":
      return `"value":${value.json}`;
    case "bytes":
      return `"value":"${Buffer.from(value.bytes).toString("base64")}","encoding":"base64"`;
  }
}

/** A key with what is known of it, as JSON; without its value where only keys are asked for. */
export function keyValueJson(item: KeyValue, options?: { readonly keysOnly: boolean }): string {
  const value = options?.keysOnly ? "" : `${valueMembers(item.value)},`;
  return (
    `{"key":${JSON.stringify(item.key)},${value}"create_revision":${item.createRevision},` +
    `"mod_revision":${item.modRevision},"version":${item.version}}`
  );
}

/** The value itself: bytes as they are, text unquoted, anything else as compact JSON. */
export function rawValue(value: Value): string | Uint8Array<ArrayBuffer> {
  switch (value.kind) {
    case "text":
      return value.text;
    case "json":
      return value.json;
    case "bytes":
      return new Uint8Array(value.bytes);
  }
}
