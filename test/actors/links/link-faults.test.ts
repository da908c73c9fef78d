import { describe, expect, test } from "bun:test";
import { frameHeaderBytes } from "../../../src/codec/frames";
import { encodeHello } from "../../../src/codec/greetings";
import { MalformedError } from "../../../src/codec/malformed";
import { helloOf } from "../../codec/greeting-fixture";
import { addressOf, bytesOf, frame, pair, say, stranger } from "./world";

describe("strangers", () => {
  test("who send garbage are cut off, and nobody else is", async () => {
    const { clock, network, one, two } = await pair();
    const { stream, heard } = stranger(network, 2);
    clock.settle();
    say(clock, stream, bytesOf("GET / HTTP/1.1\r\nHost: example\r\n\r\n"));
    expect(heard).toEqual({ bytes: 0, closed: "connection reset" });
    expect(two.diary).toEqual(["fault: malformed frame: no magic"]);
    one.send(2, "still here");
    clock.settle();
    expect(two.received).toEqual(["1: still here"]);
  });

  test("who say nothing are cut off", async () => {
    const { clock, network, two } = await pair();
    const { heard } = stranger(network, 2);
    clock.advance(4_999);
    expect(heard.closed).toBe("");
    clock.advance(1);
    expect(heard.closed).toBe("connection reset");
    expect(two.diary).toEqual(["fault: no greeting within 5 s"]);
  });

  for (const [name, bytes, fault] of [
    ["a message", frame("message", bytesOf("x")), "a message frame before any greeting"],
    ["a ping", frame("ping"), "a ping frame before any greeting"],
    ["a broken hello", frame("hello", bytesOf("x")), "malformed hello: not an array"],
    ["a huge hello", frame("hello", new Uint8Array(65_537)), "65537 bytes where at most 65536"],
  ] as const) {
    test(`who begin with ${name} are cut off`, async () => {
      const { clock, network, two } = await pair();
      const { stream, heard } = stranger(network, 2);
      clock.settle();
      say(clock, stream, bytes);
      expect(heard.closed).toBe("connection reset");
      expect(two.diary.join()).toContain(fault);
      expect(two.received).toEqual([]);
    });
  }

  test("may be only so many", async () => {
    const { clock, network, two } = await pair({ acceptedLinksMax: 3 });
    const strangers = [1, 2, 3].map(() => stranger(network, 2));
    clock.settle();
    expect(strangers.map(({ heard }) => heard.closed)).toEqual(["", "", "connection reset"]);
    expect(two.diary).toEqual(["fault: more than 3 connections at a time"]);
    // One that leaves makes room.
    strangers[0]?.stream.terminate();
    clock.settle();
    const next = stranger(network, 2);
    clock.settle();
    expect(next.heard.closed).toBe("");
  });
});

describe("a peer that was accepted", () => {
  /** A raw stream of node 3 to node 2, greeted. */
  async function greeted() {
    const meeting = await pair();
    const raw = stranger(meeting.network, 2);
    meeting.clock.settle();
    say(meeting.clock, raw.stream, frame("hello", encodeHello(helloOf(3))));
    expect(raw.heard.bytes).toBeGreaterThan(frameHeaderBytes);
    expect(meeting.two.diary).toEqual(["met 3.1"]);
    return { ...meeting, ...raw };
  }

  test("is cut off for a frame with a flipped bit", async () => {
    const { clock, stream, heard, two } = await greeted();
    const damaged = frame("message", bytesOf("hello"));
    damaged.set([0x00], frameHeaderBytes + 1);
    say(clock, stream, damaged);
    expect(heard.closed).toBe("connection reset");
    expect(two.received).toEqual([]);
    expect(two.diary).toContain("fault: malformed frame: wrong checksum");
  });

  test("may not greet again on a link that is open", async () => {
    const { clock, network, one } = await pair();
    const line = network.lines.find((candidate) => candidate.dialler.remote === addressOf(2));
    say(clock, line?.acceptor, frame("helloAccepted", encodeHello(helloOf(2))));
    const reason = "malformed link: a helloAccepted frame behind the greeting";
    expect(one.diary).toContain(`lost 2: ${reason}`);
  });

  test("is cut off for a frame out of place", async () => {
    const { clock, stream, two } = await greeted();
    say(clock, stream, frame("refused", bytesOf("x")));
    expect(two.diary).toContain("fault: malformed link: a refused frame on an open link");
  });

  test("is cut off when the host finds its message malformed", async () => {
    const { clock, stream, heard, two } = await greeted();
    two.onMessage = () => {
      throw new MalformedError("peer message", "not an array");
    };
    say(clock, stream, frame("message", bytesOf("x")));
    expect(heard.closed).toBe("connection reset");
    expect(two.diary).toContain("fault: malformed peer message: not an array");
  });

  test("does not hide a fault of the host's own", async () => {
    const { clock, stream, two } = await greeted();
    two.onMessage = () => {
      throw new Error("a broken assumption");
    };
    expect(() => say(clock, stream, frame("message", bytesOf("x")))).toThrow("a broken assumption");
  });
});
