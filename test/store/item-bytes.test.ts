/** An item as bytes: written at a place, taken apart there, and read again. */
import { describe, expect, test } from "bun:test";
import { MalformedError } from "../../src/codec/malformed";
import { ByteReader } from "../../src/store/byte-reader";
import { ItemFields, itemBytesMax, type NewItem, writeItem } from "../../src/store/item-bytes";
import { type KeyValue, revision } from "../../src/types";
import { newItem } from "./new-item";

const START = 7;

/** The item's bytes behind some others, and where they end. */
function written(item: NewItem): { bytes: Uint8Array; end: number } {
  const bytes = new Uint8Array(START + itemBytesMax(item));
  const end = writeItem({ bytes, view: new DataView(bytes.buffer) }, START, item);
  return { bytes, end };
}

function fieldsOf(bytes: Uint8Array): ItemFields {
  const reader = new ByteReader(bytes, "item");
  reader.seek(START);
  return new ItemFields().read(reader);
}

const TEXTS = ["", "a", "1234567", "é", "123é", "€uro", "😀", "x".repeat(300), "ä".repeat(70)];

describe("an item", () => {
  test.each(TEXTS)("is read as it was written: %j", (text) => {
    for (const kind of ["text", "json", "bytes"] as const) {
      const item = { ...newItem(text, text, 2 ** 40, kind), version: 300 };
      const { bytes, end } = written({ ...item, createRevision: revision(5) });
      const fields = fieldsOf(bytes);
      const utf8 = new TextEncoder().encode(text);
      const value = {
        text: { kind, text },
        json: { kind, json: text },
        bytes: { kind, bytes: utf8 },
      };
      const revisions = { createRevision: revision(5), modRevision: revision(2 ** 40) };
      const expected = { key: text, value: value[kind], ...revisions, version: 300 };
      expect(fields.toKeyValue()).toEqual(expected as KeyValue);
      expect(fields).toMatchObject({ start: START, end, byteLength: 2 * utf8.length, kind });
      expect(end).toBeLessThanOrEqual(bytes.length);
    }
  });

  test("tells ASCII from the rest, wherever a character stands that is none", () => {
    const headOf = (text: string) => written(newItem("k", text)).bytes[START + 3];
    for (let length = 0; length < 10; length++) {
      const ascii = "a".repeat(length);
      expect(headOf(ascii)).toBe(2 * length + 1);
      for (let at = 0; at <= length; at++) {
        const other = `${ascii.slice(0, at)}é${ascii.slice(at)}`;
        expect(headOf(other)).toBe(2 * (length + 2));
      }
    }
  });

  test("that was read shares no memory with its bytes", () => {
    const { bytes } = written(newItem("k", "value", 1, "bytes"));
    const { value } = fieldsOf(bytes).toKeyValue();
    bytes.fill(0);
    expect(value).toEqual({ kind: "bytes", bytes: new TextEncoder().encode("value") });
  });

  test("that ends early is malformed, at each length", () => {
    const { bytes, end } = written(newItem("key", "value", 2 ** 30));
    for (let length = START; length < end; length++) {
      expect(() => fieldsOf(bytes.subarray(0, length))).toThrow(MalformedError);
    }
    fieldsOf(bytes.subarray(0, end));
  });
});
