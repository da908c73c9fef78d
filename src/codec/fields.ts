/**
 * Positional fields: one plain msgpack array, read strictly from left to right.
 *
 * Everything that travels between nodes is such an array with its version first. A reader takes
 * each field by its expected shape, so nothing half understood ever leaves the codec: extension
 * types, maps, fractions, negative or unsafe integers and surplus fields are all malformed.
 */
import { Packr } from "msgpackr";
import { MalformedError } from "./malformed";

/** Version of every field layout written here; the first field of each array. */
export const fieldsVersion = 1;

/** What may stand in a field. */
export type Field = number | string | boolean | null | Uint8Array;

// Plain msgpack, readable by any decoder: no records, no shared structures.
const packr = new Packr({ useRecords: false, variableMapSize: true });

/** Writes `fields` behind the version. */
export const packFields = (fields: readonly Field[]): Uint8Array =>
  packr.pack([fieldsVersion, ...fields]);

/** Opens an array written by `packFields`. Errors: `MalformedError`. */
export function unpackFields(bytes: Uint8Array, subject: string): FieldReader {
  let values: unknown;
  try {
    values = packr.unpack(bytes);
  } catch {
    // The decoder's own words speak of its internals and may quote the data.
    throw new MalformedError(subject, "not msgpack");
  }
  if (!Array.isArray(values)) throw new MalformedError(subject, "not an array");
  const reader = new FieldReader(subject, values);
  const version = reader.count("version");
  if (version !== fieldsVersion) reader.fail(`version ${version} is not spoken here`);
  return reader;
}

/** Takes one field after another. Every method throws `MalformedError` on a wrong shape. */
export class FieldReader {
  private next = 0;

  constructor(
    private readonly subject: string,
    private readonly values: readonly unknown[],
  ) {}

  fail(detail: string): never {
    throw new MalformedError(this.subject, detail);
  }

  /** An integer from 0 to 2^53 - 1. */
  count(name: string): number {
    const value = this.values[this.next++];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      return this.fail(`${name} is not a whole number`);
    }
    return value === 0 ? 0 : value; // Never -0, which only a float on the wire could carry.
  }

  countOrNull(name: string): number | null {
    return this.takeNull() ? null : this.count(name);
  }

  /** An integer from 1: identities and incarnations start there. */
  positive(name: string): number {
    const value = this.count(name);
    if (value === 0) return this.fail(`${name} is 0`);
    return value;
  }

  positiveOrNull(name: string): number | null {
    return this.takeNull() ? null : this.positive(name);
  }

  flag(name: string): boolean {
    const value = this.values[this.next++];
    if (typeof value !== "boolean") return this.fail(`${name} is not a boolean`);
    return value;
  }

  /** Well-formed text of at most `lengthMax` UTF-16 units. */
  text(name: string, lengthMax: number): string {
    const value = this.values[this.next++];
    if (typeof value !== "string" || !value.isWellFormed()) {
      return this.fail(`${name} is not well-formed text`);
    }
    if (value.length > lengthMax) return this.fail(`${name} is longer than ${lengthMax}`);
    return value;
  }

  textOrNull(name: string, lengthMax: number): string | null {
    return this.takeNull() ? null : this.text(name, lengthMax);
  }

  /** A view on the bytes that were given to `unpackFields`, not a copy. */
  bytes(name: string): Uint8Array {
    const value = this.values[this.next++];
    if (!(value instanceof Uint8Array)) return this.fail(`${name} is not bytes`);
    return value;
  }

  /** One of a closed set of words, given as the keys of `words`. */
  word<Word extends string>(name: string, words: Readonly<Record<Word, true>>): Word {
    const value = this.text(name, 64);
    if (!isWord(value, words)) return this.fail(`${name} is an unknown word`);
    return value;
  }

  /** Whether a field follows that earlier versions did not write. */
  get hasMore(): boolean {
    return this.next < this.values.length;
  }

  /** Nothing may follow. */
  end(): void {
    if (this.next !== this.values.length) this.fail(`${this.values.length} fields`);
  }

  private takeNull(): boolean {
    if (this.values[this.next] !== null) return false;
    this.next++;
    return true;
  }
}

const isWord = <Word extends string>(
  value: string,
  words: Readonly<Record<Word, true>>,
): value is Word => Object.hasOwn(words, value);
