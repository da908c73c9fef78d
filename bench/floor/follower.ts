/** Makes durable what the leader sends, and says so with a byte. */
import { Elysia } from "elysia";
import type { JournalFile } from "./journal-file";

/** Before each batch: its length in bytes, little-endian. */
export const LENGTH_BYTES = 4;
const DONE = Uint8Array.of(1);

export function followLeader({
  apiPort,
  file,
  peerPort,
}: {
  readonly apiPort: number;
  readonly file: JournalFile;
  readonly peerPort: number;
}): void {
  let received: Uint8Array = new Uint8Array(0);
  Bun.listen({
    hostname: "127.0.0.1",
    port: peerPort,
    socket: {
      data(socket, chunk) {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        while (received.length >= LENGTH_BYTES) {
          const length = new DataView(received.buffer, received.byteOffset).getUint32(0, true);
          const end = LENGTH_BYTES + length;
          if (received.length < end) return;
          file.append(received.subarray(LENGTH_BYTES, end), () => socket.write(DONE));
          received = received.subarray(end);
        }
      },
    },
  });
  new Elysia()
    .get("/standing", () => ({ leads: false }))
    .listen({ hostname: "127.0.0.1", port: apiPort });
}
