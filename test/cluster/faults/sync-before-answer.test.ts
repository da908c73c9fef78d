/** The kernel's own word that an answer follows a quorum's syncs (promise 1). */
import { expect, test } from "bun:test";
import { withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import { answeredAt, durableAt, readTrace, STRACE } from "../harness/syscall-trace";

const WRITES = 30;
const QUORUM = 2;
const hasStrace = Bun.which("strace") !== null;
if (!hasStrace) console.warn("skipped: strace is missing; install it: apt-get install strace");

const tracePath = (folder: string, id: number) => `${folder}/${id}.strace`;
const needleOf = (at: number) => `needle-${at}-`;

test.skipIf(!hasStrace)("each acknowledgement follows an fdatasync of its entry on a quorum", () =>
  withCluster({ wrapper: (id, folder) => [...STRACE, tracePath(folder, id)] }, async (cluster) => {
    const leader = await cluster.leader();
    for (let at = 0; at < WRITES; at++) {
      // The same text is the key, for the answer, and the value.
      const reply = await cluster.ask(leader, (client) => client.set(needleOf(at), needleOf(at)));
      expect(reply.ok).toBe(true);
    }
    await cluster.caughtUp();
    await Promise.all(cluster.nodes.map((node) => node.stop()));
    const traces = await eventually("complete traces", 5_000, () => {
      const texts = cluster.nodes.map(({ id }) => readTrace(tracePath(cluster.folder, id)));
      return texts.every((calls) => durableAt(calls, needleOf(WRITES - 1))) ? texts : null;
    });
    const answers = traces[cluster.nodes.indexOf(leader)] ?? [];
    for (let at = 0; at < WRITES; at++) {
      const answered = answeredAt(answers, needleOf(at));
      if (answered === null) throw new Error(`no answer for ${needleOf(at)} in the trace`);
      const durable = traces.flatMap((calls) => durableAt(calls, needleOf(at)) ?? []);
      expect(durable.filter((time) => time <= answered).length).toBeGreaterThanOrEqual(QUORUM);
    }
  }),
);
