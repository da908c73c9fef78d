/** A leader that stands still and wakes up believing it still leads (promise 2). */
import { expect, test } from "bun:test";
import { withCluster } from "../harness/cluster";
import { eventually, pause } from "../harness/deadline";
import { underLoad } from "../harness/load";
import { expectSound } from "../harness/verdict";

const FROZEN_MS = 5_000;
const READ_TIMEOUT_MS = 10_000;

test("SIGSTOP of the leader for 5 s: no stale read, no lost write, one leader", () =>
  withCluster({}, async (cluster) => {
    const frozen = await cluster.leader();
    const others = cluster.others(frozen);
    const history = await underLoad(cluster, async () => {
      await cluster.ask(frozen, (client) => client.set("witness", "before"));
      frozen.signal("SIGSTOP");
      await cluster.writable(others);
      const written = await cluster.ask(cluster.inTurn(others), (client) =>
        client.set("witness", "after"),
      );
      expect(written.ok).toBe(true);
      // Asked while it stands still, after the write had been acknowledged elsewhere.
      const answer = cluster.ask(frozen, (client) =>
        client.get("witness", { timeoutMs: READ_TIMEOUT_MS }),
      );
      await pause(FROZEN_MS);
      frozen.signal("SIGCONT");
      const read = await answer;
      if (read.ok) expect(read.body.value).toBe("after");
      await eventually("one leader", FROZEN_MS, async () => {
        const selves = await Promise.all(cluster.nodes.map((node) => cluster.self(node)));
        return selves.filter(({ role }) => role === "Leader").length === 1 ? true : null;
      });
    });
    await cluster.caughtUp();
    expectSound(history);
  }));
