import { describe, expect, test } from "bun:test";
import { copyBytes, copyBytesByView } from "../../src/codec/copy-bytes";
import { MalformedError } from "../../src/codec/malformed";
import {
  readAscii,
  readUtf8,
  readUtf8ByDecoder,
  writeUtf8,
  writeUtf8ByEncoder,
} from "../../src/codec/utf8";
import { ByteReader } from "../../src/store/byte-reader";
import { ByteWriter } from "../../src/store/byte-writer";

const TEXTS = [
  "",
  "a",
  "é",
  "€",
  "😀",
  "\u0000",
  "short é",
  "x".repeat(48),
  `${"x".repeat(47)}é`,
  "x".repeat(63),
  "x".repeat(64),
  "ä€😀".repeat(99),
];
const NUMBERS = [0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40 + 1, 2 ** 53 - 1];

describe("fields are read as they were written", () => {
  test("one behind the other, though the memory has to grow", () => {
    const writer = new ByteWriter(1);
    for (const number of NUMBERS) writer.number(number);
    for (const text of TEXTS) writer.text(text);
    writer
      .byte(255)
      .word(0xfedcba98)
      .float(-1.5)
      .copy({ bytes: new Uint8Array([4, 5, 6, 7]), start: 1, end: 3 });
    const reader = new ByteReader(writer.take().slice(), "sample");
    for (const number of NUMBERS) expect(reader.number()).toBe(number);
    for (const text of TEXTS) expect(reader.text()).toBe(text);
    expect(reader.byte()).toBe(255);
    expect(reader.word()).toBe(0xfedcba98);
    expect(reader.float()).toBe(-1.5);
    expect(reader.isAtEnd).toBe(false);
    expect([reader.byte(), reader.byte()]).toEqual([5, 6]);
    expect(reader.isAtEnd).toBe(true);
  });

  test("and begin anew after each taking", () => {
    const writer = new ByteWriter(8);
    expect(writer.number(5).take()).toEqual(new Uint8Array([5]));
    expect(writer.length).toBe(0);
    expect(writer.number(6).take()).toEqual(new Uint8Array([6]));
  });
});

describe("fields that end early are malformed", () => {
  const whole = () => {
    const writer = new ByteWriter(64);
    writer
      .number(2 ** 40)
      .text("ä long text")
      .word(1)
      .float(2)
      .byte(1);
    return writer.take().slice();
  };
  const read = (bytes: Uint8Array) => {
    const reader = new ByteReader(bytes, "sample");
    reader.number();
    reader.text();
    reader.word();
    reader.float();
    reader.byte();
  };
  test("at each length", () => {
    read(whole());
    for (let length = 0; length < whole().length; length++) {
      expect(() => read(whole().subarray(0, length))).toThrow(MalformedError);
    }
  });
  test("and so is a number without an end, or one too large to be exact", () => {
    const number = (bytes: number[]) => new ByteReader(new Uint8Array(bytes), "sample").number();
    expect(() => number(new Array(20).fill(0xff))).toThrow(MalformedError);
    expect(() => number([...new Array(7).fill(0xff), 0x1f])).toThrow("unsafe");
  });
});

test("both ways to write and read text are the same", () => {
  for (const text of TEXTS) {
    const [left, right] = [new Uint8Array(2000), new Uint8Array(2000)];
    const length = writeUtf8(left, text, 3);
    expect(writeUtf8ByEncoder(right, text, 3)).toBe(length);
    expect(right).toEqual(left);
    expect(readUtf8(left, 3, 3 + length)).toBe(text);
    expect(readUtf8ByDecoder(left, 3, 3 + length)).toBe(text);
    if (length === text.length) expect(readAscii(left, 3, 3 + length)).toBe(text);
  }
});

test("both ways to copy bytes are the same", () => {
  // Some that lie at a place of their own in a larger memory, as entries do.
  const bytes = new Uint8Array([9, 0, 255, 128, 7, 9]).subarray(1, 5);
  for (const copy of [copyBytes, copyBytesByView]) {
    const target = new Uint8Array(5);
    copy({ bytes, start: 1, end: 4 }, target, 2);
    copy({ bytes, start: 4, end: 4 }, target, 0);
    expect(target).toEqual(new Uint8Array([0, 0, 255, 128, 7]));
  }
});
