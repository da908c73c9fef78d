import { describe, expect, test } from "bun:test";
import { crc32 } from "../../src/codec/crc32";
import {
  controlBytesReserve,
  defaultFrameLimits,
  FrameReader,
  type FrameType,
  FrameWriter,
  frameHeaderBytes,
} from "../../src/codec/frames";
import { MalformedError } from "../../src/codec/malformed";
import { seededRandom } from "../seeded-random";

interface Frame {
  readonly type: FrameType;
  readonly body: string;
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));

/** All that a writer has to say, taken at once. */
function drain(writer: FrameWriter): Uint8Array {
  const taken: Uint8Array[] = [];
  writer.flush((bytes) => taken.push(Uint8Array.from(bytes)) && bytes.length);
  return Uint8Array.from(Buffer.concat(taken));
}

function framesOf(...frames: readonly Frame[]): Uint8Array {
  const writer = new FrameWriter();
  for (const { type, body } of frames) writer.append(type, bytesOf(body));
  return drain(writer);
}

function readAll(reader: FrameReader, chunks: readonly Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    reader.read(chunk, (type, body) => frames.push({ type, body: textOf(body) }) > 0);
  }
  return frames;
}

const sample: readonly Frame[] = [
  { type: "hello", body: "who" },
  { type: "helloAccepted", body: "you" },
  { type: "refused", body: "no" },
  { type: "message", body: "m".repeat(1_000) },
  { type: "ping", body: "" },
  { type: "pong", body: "" },
];

describe("frames", () => {
  test("have the layout that is written down", () => {
    const frame = framesOf({ type: "message", body: "hi" });
    const checksum = crc32(frame.subarray(7)).toString(16).padStart(8, "0");
    expect(Buffer.from(frame).toString("hex")).toBe(`ba1501${checksum}04000000026869`);
    expect(frame.length).toBe(frameHeaderBytes + 2);
  });

  test("come back whole from one chunk, as views on it", () => {
    const chunk = framesOf(...sample);
    const owners = new Set<ArrayBufferLike>();
    new FrameReader().read(chunk, (_, body) => owners.add(body.buffer) !== undefined);
    expect([...owners]).toEqual([chunk.buffer]);
    expect(readAll(new FrameReader(), [chunk])).toEqual([...sample]);
  });

  test("come back byte by byte", () => {
    const bytes = framesOf(...sample);
    const chunks = Array.from(bytes, (_, i) => bytes.slice(i, i + 1));
    expect(readAll(new FrameReader(), chunks)).toEqual([...sample]);
  });

  test("come back from random chunks of a stream that takes partial writes", () => {
    const { below: draw, seed } = seededRandom("frame chunks");
    for (let round = 0; round < 100; round++) {
      const writer = new FrameWriter();
      const reader = new FrameReader();
      const sent: Frame[] = [];
      const received: Frame[] = [];
      const pump = (bytesMax: number) =>
        writer.flush((bytes) => {
          const chunk = bytes.slice(0, draw(bytesMax + 1));
          received.push(...readAll(reader, [chunk]));
          return chunk.length;
        });
      for (let i = 0; i < 20; i++) {
        const frame: Frame = { type: "message", body: String(i).repeat(draw(3_000)) };
        sent.push(frame);
        expect(writer.append(frame.type, bytesOf(frame.body))).toBe(true);
        if (draw(2) === 0) pump(2_000);
      }
      while (!pump(4_000)) {}
      expect(received, `seed ${seed}, round ${round}`).toEqual(sent);
    }
  });

  test("a body is not touched by what arrives after it", () => {
    const bodies: Uint8Array[] = [];
    const reader = new FrameReader();
    const bytes = framesOf({ type: "message", body: "first" }, { type: "message", body: "other" });
    for (let i = 0; i < bytes.length; i += 4) {
      reader.read(bytes.slice(i, i + 4), (_, body) => bodies.push(body) > 0);
    }
    expect(bodies.map(textOf)).toEqual(["first", "other"]);
  });

  test("a listener that has had enough stops the reading of the chunk", () => {
    const seen: FrameType[] = [];
    new FrameReader().read(framesOf(...sample), (type) => seen.push(type) < 2);
    expect(seen).toEqual(["hello", "helloAccepted"]);
  });
});

describe("the writer's limits", () => {
  test("an oversized frame is not queued", () => {
    const writer = new FrameWriter({ frameBytesMax: 10, queueBytesMax: 1_000 });
    expect(writer.append("message", new Uint8Array(11))).toBe(false);
    expect(writer.append("message", new Uint8Array(10))).toBe(true);
    expect(writer.pendingBytes).toBe(22);
  });

  test("a full queue takes no more until the stream has", () => {
    const writer = new FrameWriter({ frameBytesMax: 100, queueBytesMax: 64 });
    expect(writer.append("message", new Uint8Array(20))).toBe(true);
    expect(writer.append("message", new Uint8Array(20))).toBe(true);
    expect(writer.append("message")).toBe(false);
    expect(writer.flush(() => 32)).toBe(false);
    expect(writer.pendingBytes).toBe(32);
    expect(writer.append("message")).toBe(true);
    expect(writer.flush((bytes) => bytes.length)).toBe(true);
    expect(writer.pendingBytes).toBe(0);
  });

  test("a full queue still takes pings, so that it does not look like death; a few", () => {
    const writer = new FrameWriter({ frameBytesMax: 100, queueBytesMax: 12 });
    expect(writer.append("message")).toBe(true);
    expect(writer.append("message")).toBe(false);
    let pings = 0;
    while (writer.append("ping")) pings += 1;
    expect(pings).toBe(Math.floor(controlBytesReserve / frameHeaderBytes));
  });

  test("the defaults are the documented ones", () => {
    expect(defaultFrameLimits).toEqual({
      frameBytesMax: 8 * 1024 * 1024,
      queueBytesMax: 32 * 1024 * 1024,
    });
  });
});

describe("malformed frames", () => {
  const rejects = (change: (frame: Uint8Array, view: DataView) => void, detail: string) => {
    const frame = framesOf({ type: "message", body: "hello" });
    change(frame, new DataView(frame.buffer));
    const error = new MalformedError("frame", detail);
    expect(() => readAll(new FrameReader(1_000), [frame])).toThrow(error);
    const halves = [frame.slice(0, 5), frame.slice(5)];
    expect(() => readAll(new FrameReader(1_000), halves)).toThrow(error);
  };

  test("no magic", () => rejects((frame) => frame.set([0x47]), "no magic"));
  test("another version", () => rejects((_, view) => view.setUint8(2, 9), "version 9"));
  test("an unknown type", () => rejects((_, view) => view.setUint8(7, 200), "type 200"));
  test("type 0", () => rejects((_, view) => view.setUint8(7, 0), "type 0"));
  test("a flipped body", () => rejects((_, view) => view.setUint8(14, 0), "wrong checksum"));
  test("a flipped type", () => rejects((_, view) => view.setUint8(7, 1), "wrong checksum"));
  test("a shorter length", () => rejects((_, view) => view.setUint32(8, 4), "wrong checksum"));
  test("an oversized length", () =>
    rejects((_, v) => v.setUint32(8, 1_001), "1001 bytes where at most 1000 are taken"));

  test("a huge claim is refused by its header alone, before anything is set aside", () => {
    const header = framesOf({ type: "message", body: "" });
    new DataView(header.buffer).setUint32(8, 0xffffffff);
    expect(() => readAll(new FrameReader(), [header])).toThrow("4294967295 bytes");
  });

  test("the limit may be raised while reading, once a stranger has become a peer", () => {
    const reader = new FrameReader(3);
    const seen: FrameType[] = [];
    reader.read(framesOf(...sample), (type) => {
      if (type === "hello") reader.bodyBytesMax = 1_000;
      return seen.push(type) > 0;
    });
    expect(seen).toEqual(sample.map(({ type }) => type));
  });
});
