import { describe, expect, test } from "bun:test";
import { pack } from "msgpackr";
import { decodeCommand, decodeCommandInPlace, encodeCommand } from "../../src/codec/commands";
import { MalformedError } from "../../src/codec/malformed";
import { type Command, revision, type Value } from "../../src/types";
import { seededRandom } from "../seeded-random";

const text = (value: string): Value => ({ kind: "text", text: value });
const set = (key: string, value: Value, rest: Partial<Command> = {}): Command =>
  ({ op: "set", key, value, condition: null, idempotencyKey: null, ...rest }) as Command;

const commands: readonly Command[] = [
  set("name", text("Ada")),
  set("", text("")),
  set("__proto__", text("constructor")),
  set("emoji/😀/\uFFFD/\u0000", text("naïve 日本 😀")),
  set("json", { kind: "json", json: '{"b":1,"a":[null,true]}' }),
  set("bytes", { kind: "bytes", bytes: new Uint8Array([0, 255, 128, 7]) }),
  set("no bytes", { kind: "bytes", bytes: new Uint8Array(0) }),
  set("long", text("é".repeat(70_000))),
  set("absent", text("x"), { condition: { kind: "keyIsAbsent" }, idempotencyKey: "retry-1" }),
  set("at", text("x"), { condition: { kind: "revisionIs", revision: revision(0) } }),
  set("far", text("x"), { condition: { kind: "revisionIs", revision: revision(2 ** 53 - 1) } }),
  { op: "delete", key: "name", condition: null, idempotencyKey: null },
  {
    op: "delete",
    key: "name",
    condition: { kind: "revisionIs", revision: revision(7) },
    idempotencyKey: "é",
  },
];

describe("commands as bytes", () => {
  test.each(commands.map((command) => [command.key, command] as const))(
    "%p comes back as it went",
    (_key, command) => {
      expect(decodeCommand(encodeCommand(command))).toEqual(command);
    },
  );

  test.each(commands.map((command) => [command.key, command] as const))(
    "%p is the same with its value in place",
    (_key, command) => {
      // Behind other bytes, as in an entry's record.
      const bytes = new Uint8Array([1, 2, 3, ...encodeCommand(command)]);
      const opened = decodeCommandInPlace(bytes, 3);
      if (opened.op === "delete" || command.op === "delete") {
        expect(opened as unknown).toEqual(command);
        return;
      }
      const { end, kind, start } = opened.value;
      const content = Buffer.from(bytes.subarray(start, end));
      const values = {
        text: () => text(content.toString()),
        json: () => ({ kind: "json", json: content.toString() }),
        bytes: () => ({ kind: "bytes", bytes: new Uint8Array(content) }),
      };
      expect({ ...opened, value: values[kind]() } as unknown).toEqual(command);
      expect(opened.value.bytes).toBe(bytes);
    },
  );

  test("the bytes of version 1 never change", () => {
    const hex = (command: Command) => Buffer.from(encodeCommand(command)).toString("hex");
    expect(hex(set("k", text("v")))).toBe("970100a16bc0c000a176");
    expect(hex(set("k", { kind: "json", json: "1" }))).toBe("970100a16bc0c001a131");
    expect(hex(set("k", { kind: "bytes", bytes: new Uint8Array([9]) }))).toBe(
      "970100a16bc0c002c40109",
    );
    expect(
      hex({ op: "delete", key: "k", condition: { kind: "keyIsAbsent" }, idempotencyKey: "i" }),
    ).toBe("950101a16bc3a169");
  });

  test("an encoding is an array of its own, and a decoded value is a copy", () => {
    const first = encodeCommand(set("k", { kind: "bytes", bytes: new Uint8Array([1, 2, 3]) }));
    const before = [...first];
    encodeCommand(set("other", text("overwrites the packer's buffer")));
    expect([...first]).toEqual(before);
    expect(first.buffer.byteLength).toBe(first.byteLength);

    const frame = new Uint8Array(4096);
    frame.set(first, 100);
    const decoded = decodeCommand(frame.subarray(100, 100 + first.length));
    frame.fill(0);
    expect(decoded).toEqual(set("k", { kind: "bytes", bytes: new Uint8Array([1, 2, 3]) }));
    const value = decoded.op === "set" && decoded.value.kind === "bytes" && decoded.value.bytes;
    expect(value ? value.buffer.byteLength : null).toBe(3);
  });

  test("reading a command leaves the bytes without extra properties", () => {
    const bytes = encodeCommand(set("k", text("v")));
    decodeCommand(bytes);
    expect(Object.hasOwn(bytes, "dataView")).toBe(false);
  });
});

describe("bytes that are no command", () => {
  const malformed: readonly (readonly [string, unknown])[] = [
    ["a map", { version: 1 }],
    ["nil", null],
    ["an empty array", []],
    ["another version", [2, 0, "k", null, null, 0, "v"]],
    ["an unknown operation", [1, 2, "k", null, null]],
    ["a key that is a number", [1, 0, 5, null, null, 0, "v"]],
    ["an idempotency key that is missing", [1, 1, "k", null]],
    ["a negative revision", [1, 1, "k", -1, null]],
    ["a broken revision", [1, 1, "k", 1.5, null]],
    ["a revision beyond exact numbers", [1, 1, "k", 2 ** 60, null]],
    ["a condition false", [1, 1, "k", false, null]],
    ["a set without a value", [1, 0, "k", null, null]],
    ["text that is bytes", [1, 0, "k", null, null, 0, new Uint8Array(1)]],
    ["bytes that are text", [1, 0, "k", null, null, 2, "v"]],
    ["an unknown value kind", [1, 0, "k", null, null, 3, "v"]],
    ["a date for a payload", [1, 0, "k", null, null, 0, new Date(0)]],
    ["a delete with a value", [1, 1, "k", null, null, 0]],
    ["a field too many", [1, 0, "k", null, null, 0, "v", 1]],
  ];
  test.each(malformed)("%s", (_what, fields) => {
    expect(() => decodeCommand(pack(fields))).toThrow(MalformedError);
  });

  test("every prefix of a command, and a command with a byte more", () => {
    const bytes = encodeCommand(set("some key", text("some value"), { idempotencyKey: "i" }));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeCommand(bytes.slice(0, length))).toThrow(MalformedError);
    }
    expect(() => decodeCommand(new Uint8Array([...bytes, 0]))).toThrow(MalformedError);
  });

  test("random bytes give a command or a MalformedError, and the decoder works afterwards", () => {
    const { random, seed } = seededRandom();
    const valid = encodeCommand(set("some key", text("some value")));
    for (let round = 0; round < 20_000; round++) {
      const bytes = valid.slice(0, 1 + Math.floor(random() * valid.length));
      for (let flips = 0; flips < 4; flips++) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      }
      try {
        expect(["set", "delete"]).toContain(decodeCommand(bytes).op);
      } catch (error) {
        if (!(error instanceof MalformedError)) {
          throw new Error(`seed ${seed}: ${Buffer.from(bytes).toString("hex")}`, { cause: error });
        }
      }
    }
    expect(decodeCommand(valid)).toEqual(set("some key", text("some value")));
  });
});
