/** Snapshots: have one taken, or take a copy of everything away. */
import { Elysia } from "elysia";
import type { Backup, NodeHandle } from "../../actors/node-handle";
import { readTimeoutMs } from "../queries";
import type { Replies } from "../replies";
import { Problem, SnapshotAnswer, TimeoutQuery } from "../schemas";
import { anyFailures, readFailures } from "./failures";

interface SnapshotRouteParts {
  readonly node: NodeHandle;
  readonly replies: Replies;
}

export const snapshotRoutes = ({ node, replies }: SnapshotRouteParts) => {
  const take = async (timeoutMs: number) => {
    const { byteLength, lastIndex, lastTerm } = await node.takeSnapshot(timeoutMs);
    const { id } = node.vitals();
    return replies.json(
      `{"node":${id},"index":${lastIndex},"term":${lastTerm},"bytes":${byteLength}}`,
    );
  };
  const copy = async (timeoutMs: number) => {
    const backup = await node.backup(timeoutMs);
    return replies.body(streamOf(backup), {
      type: "application/octet-stream",
      revision: backup.revision,
      headers: {
        "Content-Disposition": `attachment; filename="balsa-${backup.revision}.backup"`,
      },
    });
  };
  return new Elysia({ normalize: false })
    .post("/v1/snapshot", ({ query }) => take(readTimeoutMs(query.timeout)), {
      query: TimeoutQuery,
      response: { 200: SnapshotAnswer, ...anyFailures, 504: Problem, 507: Problem },
      detail: {
        summary: "Have this node take a snapshot now",
        description:
          "Answers with the newest snapshot once it is durable; the present one where nothing " +
          "was applied since.",
        tags: ["Cluster"],
      },
    })
    .get("/v1/backup", ({ query }) => copy(readTimeoutMs(query.timeout)), {
      query: TimeoutQuery,
      detail: {
        summary: "Everything, consistent at one revision",
        description:
          "A file for `--restore`, which founds a new cluster. Everything that was acknowledged " +
          "before the request is in it; `timeout` bounds the wait for its beginning.",
        tags: ["Cluster"],
        responses: {
          200: {
            description: "The file.",
            content: { "application/octet-stream": { schema: { type: "string" } } },
          },
          ...refusals,
        },
      },
    });
};

/** What is no file is a problem; the document says which. */
const refusals = Object.fromEntries(
  Object.keys(readFailures).map((status) => [status, { description: "A problem." }]),
);

/**
 * Encodes a piece whenever the client has taken the one before: a slow client holds up nobody. Nor
 * does a fast one: without a turn of the loop in between it would have the node to itself until
 * all is sent, heartbeats or not.
 */
function streamOf({ pieces, release }: Backup): ReadableStream<Uint8Array> {
  let isOver = false;
  const end = () => {
    isOver = true;
    release();
  };
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resume) => setImmediate(resume));
      // The client may have gone meanwhile.
      if (isOver) return;
      const next = pieces.next();
      if (!next.done) {
        controller.enqueue(next.value);
        return;
      }
      end();
      controller.close();
    },
    cancel: end,
  });
}
