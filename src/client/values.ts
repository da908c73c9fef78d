/** Values as a program has them and as JSON carries them. */

/** Any JSON value. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** What a key holds. */
export type StoredValue = JsonValue | Uint8Array<ArrayBuffer>;

/** What an answer says of a value; `encoding` is there exactly where it stands for bytes. */
interface Encoded {
  readonly value?: unknown;
  readonly encoding?: "base64" | undefined;
}

/** An answer with its value as it was stored. */
export type Decoded<Answer extends Encoded> = Omit<Answer, "value" | "encoding"> & {
  readonly value: StoredValue;
};

/** Bytes are told from text by `encoding`; the rest is JSON, since JSON carried it. */
export const storedValue = ({ encoding, value }: Encoded): StoredValue =>
  encoding === "base64" ? bytesOfBase64(String(value)) : (value as JsonValue);

/** The answer with its value as it was stored. */
export function decodeValue<Answer extends Encoded>(answer: Answer): Decoded<Answer> {
  const { encoding: _, value: __, ...rest } = answer;
  return { ...rest, value: storedValue(answer) };
}

/** Without `Buffer`, which browsers lack. */
const bytesOfBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
