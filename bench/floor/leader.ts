/** Answers sets, a batch at a time, once the batch is durable on two of three disks. */
import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { LENGTH_BYTES } from "./follower";
import type { JournalFile } from "./journal-file";

/** Until a follower listens, it is dialled again. Units: ms. */
const REDIAL_MS = 50;
/** Of three. */
const NEEDED = 2;

interface Waiting {
  readonly text: string;
  readonly answer: (revision: number) => void;
}

export async function lead({
  apiPort,
  file,
  peerPorts,
}: {
  readonly apiPort: number;
  readonly file: JournalFile;
  readonly peerPorts: readonly number[];
}): Promise<void> {
  let waiting: Waiting[] = [];
  let underWay: readonly Waiting[] = [];
  let isDue = false;
  let revision = 0;
  let batches = 0;
  /** How many batches each disk holds, ours first. */
  const durable = [0, ...peerPorts.map(() => 0)];

  const noteDurable = (disk: number, count: number) => {
    durable[disk] = (durable[disk] ?? 0) + count;
    if (underWay.length === 0 || durable.filter((held) => held >= batches).length < NEEDED) return;
    const done = underWay;
    underWay = [];
    for (const { answer } of done) answer(++revision);
    gather();
  };
  const peers = await Promise.all(
    peerPorts.map((port, at) => dial(port, (count) => noteDurable(at + 1, count))),
  );

  const send = () => {
    isDue = false;
    underWay = waiting;
    waiting = [];
    batches++;
    const text = Buffer.from(underWay.map((each) => each.text).join(""));
    const frame = new Uint8Array(LENGTH_BYTES + text.length);
    new DataView(frame.buffer).setUint32(0, text.length, true);
    frame.set(text, LENGTH_BYTES);
    for (const peer of peers) {
      if (peer.write(frame) !== frame.length) throw new Error("the floor has no queue for a link");
    }
    file.append(frame, () => noteDurable(0, 1));
  };
  /** Whoever asks in this turn of the loop comes along. */
  const gather = () => {
    if (isDue || underWay.length > 0 || waiting.length === 0) return;
    isDue = true;
    setImmediate(send);
  };

  new Elysia({ normalize: false })
    .get("/standing", () => ({ leads: true }))
    .post(
      "/set",
      async ({ body: { key, value } }) => {
        const { promise, resolve } = Promise.withResolvers<number>();
        waiting.push({ text: key + value, answer: resolve });
        gather();
        return { key, revision: await promise };
      },
      { parse: "json", body: Type.Object({ key: Type.String(), value: Type.String() }) },
    )
    .listen({ hostname: "127.0.0.1", port: apiPort });
}

async function dial(port: number, onDone: (count: number) => void) {
  for (;;) {
    try {
      return await Bun.connect({
        hostname: "127.0.0.1",
        port,
        socket: { data: (_, chunk) => onDone(chunk.length) },
      });
    } catch {
      // It does not listen yet.
      await Bun.sleep(REDIAL_MS);
    }
  }
}
