import { describe, expect, test } from "bun:test";
import { MalformedError } from "../../src/codec/malformed";
import {
  readAscii,
  readUtf8,
  readUtf8ByDecoder,
  writeAscii,
  writeUtf8,
  writeUtf8ByEncoder,
} from "../../src/codec/utf8";
import { ByteReader } from "../../src/store/byte-reader";
import { ByteWriter, PREPARED_BYTES_MAX } from "../../src/store/byte-writer";

const TEXTS = [
  "",
  "a",
  "é",
  "€",
  "😀",
  "\u0000",
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
      .bytes(new Uint8Array([1, 2, 3]));
    const reader = new ByteReader(writer.take().slice(), "sample");
    for (const number of NUMBERS) expect(reader.number()).toBe(number);
    for (const text of TEXTS) expect(reader.text()).toBe(text);
    expect(reader.byte()).toBe(255);
    expect(reader.word()).toBe(0xfedcba98);
    expect(reader.float()).toBe(-1.5);
    expect(reader.isAtEnd).toBe(false);
    expect(reader.bytes()).toEqual(new Uint8Array([1, 2, 3]));
    expect(reader.isAtEnd).toBe(true);
  });

  test("and begin anew after each taking", () => {
    const writer = new ByteWriter(8);
    expect(writer.number(5).take()).toEqual(new Uint8Array([5]));
    expect(writer.length).toBe(0);
    expect(writer.number(6).take()).toEqual(new Uint8Array([6]));
  });

  test("bytes outlive what they were read from", () => {
    const written = new ByteWriter(8).bytes(new Uint8Array([7])).take();
    const buffer = Buffer.from(written);
    const read = new ByteReader(buffer, "sample").bytes();
    buffer.fill(0);
    expect(read).toEqual(new Uint8Array([7]));
  });
});

describe("texts that are prepared together", () => {
  const write = (writer: ByteWriter, texts: readonly string[]) => {
    for (const text of texts) writer.byte(7).text(text).number(300);
    return writer.take().slice();
  };
  const ascii = ["", "a", "key", "x".repeat(300), "", "\u0000\u007f"];

  test.each([
    ["of ASCII", ascii],
    ["with one that is not ASCII", [...ascii, "é", ...ascii]],
    ["of characters beyond 16 bits", ["😀".repeat(50), "😀"]],
    ["of none", []],
    ["as many as there may be", new Array(64).fill("y".repeat(PREPARED_BYTES_MAX / 64))],
    ["too many", [...new Array(64).fill("y".repeat(PREPARED_BYTES_MAX / 64)), "z"]],
  ])("%s are written as each by itself is", (_, texts) => {
    const writer = new ByteWriter(1);
    for (let round = 0; round < 2; round++) {
      writer.prepare(texts);
      expect(write(writer, texts)).toEqual(write(new ByteWriter(1), texts));
    }
  });

  test("and those behind them are written as ever", () => {
    const writer = new ByteWriter(1);
    writer.prepare(ascii);
    const all = [...ascii, "€", "more"];
    expect(write(writer, all)).toEqual(write(new ByteWriter(1), all));
  });

  test("only ASCII is taken for ASCII", () => {
    const bytes = new Uint8Array(8);
    for (const text of ["", "a", "12345678"]) expect(writeAscii(bytes, text)).toBe(true);
    for (const text of ["é", "1234567é", "€", "😀"]) expect(writeAscii(bytes, text)).toBe(false);
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
      .bytes(new Uint8Array(9))
      .byte(1);
    return writer.take().slice();
  };
  const read = (bytes: Uint8Array) => {
    const reader = new ByteReader(bytes, "sample");
    reader.number();
    reader.text();
    reader.word();
    reader.float();
    reader.bytes();
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
