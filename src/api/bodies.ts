/** Reads a request's body, whole and as the text it is. */
import type { Value } from "../types";
import { invalidRequest } from "./refusals";
import { parseStrictJson } from "./strict-json";

/** A byte order mark is a character like any other: it is kept. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body as strict JSON, whatever its content type. **Errors**: `invalid_request`. */
export async function readJsonBody(request: Request): Promise<unknown> {
  return parseStrictJson(decodeText(await readBytes(request), "JSON"));
}

/** The same, and an empty object where there is no body. **Errors**: `invalid_request`. */
export async function readOptionalJsonBody(request: Request): Promise<unknown> {
  const text = decodeText(await readBytes(request), "JSON");
  return text === "" ? {} : parseStrictJson(text);
}

/** The value that a body of this content type is. **Errors**: `invalid_request`. */
export async function readValueBody(request: Request): Promise<Value> {
  const contentType = request.headers.get("content-type");
  const bytes = await readBytes(request);
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === "application/json")
    return valueOfJson(parseStrictJson(decodeText(bytes, "JSON")));
  if (!isText(mediaType)) return { kind: "bytes", bytes };
  assertUtf8Charset(contentType ?? "");
  return { kind: "text", text: decodeText(bytes, "text") };
}

/** A JSON string is text; every other JSON value is kept as its compact text. */
export function valueOfJson(parsed: unknown): Value {
  if (typeof parsed === "string") return { kind: "text", text: parsed };
  return { kind: "json", json: JSON.stringify(parsed) };
}

async function readBytes(request: Request): Promise<Uint8Array> {
  try {
    return await request.bytes();
  } catch {
    // The connection broke: nobody will read this answer, but nothing of the body is used.
    throw invalidRequest("the body ended before it was complete");
  }
}

function decodeText(bytes: Uint8Array, kind: "JSON" | "text"): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalidRequest(
      `the body is not well-formed UTF-8, as ${kind} must be; bytes go as application/octet-stream`,
    );
  }
}

function mediaTypeOf(contentType: string | null): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** `curl -d` says that what it sends is a form; people who type it mean text. */
const isText = (mediaType: string): boolean =>
  mediaType.startsWith("text/") || mediaType === "application/x-www-form-urlencoded";

function assertUtf8Charset(contentType: string): void {
  const [, charset = "utf-8"] = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType) ?? [];
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw invalidRequest(`text is taken as UTF-8, not ${charset}; send other encodings as bytes`);
  }
}
