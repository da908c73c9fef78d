/** Streams of server-sent events: resumed, bounded, ended, and never in anybody's way. */
import { describe, expect, test } from "bun:test";
import { FRAME_MS, FRAMES_MISSED_MAX } from "../../src/observe/live";
import { WATCHERS_MAX } from "../../src/observe/watchers";
import { apiOnMap } from "./asking";

const EVENT_STREAM = "text/event-stream";

/** An API whose streams are read piece by piece. */
function streaming() {
  const made = apiOnMap();
  const open = async (path: string, headers: Record<string, string> = {}) => {
    const asked = { headers: { accept: EVENT_STREAM, ...headers } };
    const response = await made.api.handle(new Request(`http://localhost${path}`, asked));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    return {
      response,
      /** The next piece of text; null at the end. */
      read: async () => {
        const { done, value } = await reader.read();
        return done ? null : new TextDecoder().decode(value);
      },
      cancel: () => reader.cancel(),
    };
  };
  return { ...made, open };
}

const TRANSITIONS = "/v1/inspect/transitions";
const idsIn = (text: string | null) =>
  [...(text ?? "").matchAll(/^id: (\d+)$/gm)].map(([, id]) => id);

describe("a stream of transitions", () => {
  test("begins with what is kept, and goes on with what comes", async () => {
    const { clock, observatory, open } = streaming();
    const { read, response } = await open(TRANSITIONS);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(EVENT_STREAM);
    expect(response.headers.get("x-balsa-node")).toBe("1");
    const first = await read();
    expect(first).toStartWith('id: 1\nevent: transition\ndata: {"seq":1,"node":1,');
    expect(first).toEndWith('"}\n\n'.slice(2));
    const next = read();
    observatory.end("stopped", "good night");
    clock.settle();
    const last = await next;
    expect(idsIn(last)).toEqual(["2"]);
    expect(last).toContain('"reason":"good night"');
    const end = { code: "shutting_down", says: "this node is shutting down; ask another" };
    expect(last).toEndWith(`event: end\ndata: ${JSON.stringify(end)}\n\n`);
    expect(await read()).toBeNull();
  });

  test("resumes behind the last event heard, whatever the query says", async () => {
    const { clock, open } = streaming();
    const resumed = await open(`${TRANSITIONS}?from=1`, { "last-event-id": "1" });
    expect(await resumed.read()).toBe(": beat\n\n");
    const next = resumed.read();
    clock.advance(5_000);
    expect(await next).toBe(": beat\n\n");
  });

  test("answers at once, though there is nothing to tell yet", async () => {
    const { api } = streaming();
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: api.fetch });
    const asked = { headers: { accept: EVENT_STREAM, "last-event-id": "1" } };
    // Without a first byte the server keeps the head of the answer to itself.
    const response = await fetch(new URL(TRANSITIONS, server.url), asked);
    expect(response.status).toBe(200);
    await response.body?.cancel();
    await server.stop(true);
  });

  test("tells one that comes from another life what it has missed, and begins anew", async () => {
    const { open } = streaming();
    const piece = await (await open(TRANSITIONS, { "last-event-id": "99" })).read();
    expect(piece).toStartWith('event: gap\ndata: {"from":100,"first_seq":1}\n\nid: 1\n');
  });

  test("refuses a Last-Event-ID that is none", async () => {
    const { ask } = streaming();
    const headers = { accept: EVENT_STREAM, "last-event-id": "x" };
    const answer = await ask("GET", TRANSITIONS, { headers });
    expect(answer.json()).toMatchObject({
      status: 400,
      detail: "Last-Event-ID must be the number of a transition",
    });
  });

  test("is one of so many, and leaves its place to another", async () => {
    const { ask, open } = streaming();
    const streams = await Promise.all(
      Array.from({ length: WATCHERS_MAX }, (_, at) =>
        open(at % 2 === 0 ? TRANSITIONS : "/v1/inspect/live"),
      ),
    );
    const headers = { accept: EVENT_STREAM };
    for (const path of [TRANSITIONS, "/v1/inspect/live"]) {
      const answer = await ask("GET", path, { headers });
      expect(answer.json()).toMatchObject({ status: 429, code: "overloaded", outcome: null });
      expect(answer.headers.get("retry-after")).toBe("1");
    }
    await streams[0]?.cancel();
    await streams[1]?.cancel();
    await open("/v1/inspect/live");
    await open(TRANSITIONS);
    expect((await ask("GET", TRANSITIONS, { headers })).status).toBe(429);
  });
});

describe("HEAD of a stream", () => {
  for (const path of [TRANSITIONS, "/v1/inspect/live"]) {
    test(`${path} is answered at once, and takes nobody's place`, async () => {
      const { api, clock } = streaming();
      const asked = { method: "HEAD", headers: { accept: EVENT_STREAM } };
      const response = await api.handle(new Request(`http://localhost${path}`, asked));
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe(EVENT_STREAM);
      // Nobody is to be told anything.
      expect(clock.pending).toBe(0);
    });
  }
});

describe("a live stream", () => {
  test("has a frame at once, and one every half a second", async () => {
    const { clock, open } = streaming();
    const { cancel, read } = await open("/v1/inspect/live");
    expect(await read()).toStartWith('event: live\ndata: {"node":1,');
    const next = read();
    clock.advance(500);
    expect(await next).toContain('"interval_ms":500');
    await cancel();
    // Nobody follows: nothing is looked at any more.
    expect(clock.pending).toBe(0);
  });

  test("skips the frames that its reader has no time for", async () => {
    const { clock, open } = streaming();
    const { read } = await open("/v1/inspect/live");
    clock.advance(10_000);
    const frames = [await read(), await read()];
    const times = frames.map((frame) => /"monotonic_ms":(\d+)/.exec(frame ?? "")?.[1]);
    expect(times).toEqual(["0", "10000"]);
  });

  test("lets one go that reads nothing any more, and says so", async () => {
    const { clock, open, observatory } = streaming();
    const { read } = await open("/v1/inspect/live");
    clock.advance(FRAME_MS * (FRAMES_MISSED_MAX + 1));
    expect(await read()).toStartWith("event: live\n");
    expect(await read()).toStartWith('event: end\ndata: {"code":"too_slow","says":"60 frames in a');
    expect(await read()).toBeNull();
    // Its place is free.
    expect(clock.pending).toBe(0);
    observatory.end("stopped", "good night");
  });

  test("ends with the node", async () => {
    const { observatory, open } = streaming();
    const { read } = await open("/v1/inspect/live");
    await read();
    observatory.end("stopped", "good night");
    expect(await read()).toContain('event: end\ndata: {"code":"shutting_down"');
    expect(await read()).toBeNull();
  });
});
