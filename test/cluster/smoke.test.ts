/** The whole path once, on real processes: the rest is behind `npm run test:cluster`. */
import { expect, test } from "bun:test";
import { withCluster } from "./harness/cluster";
import { eventually } from "./harness/deadline";

const TEST_MS_MAX = 60_000;
/** Two election timeouts, and room for a busy machine. */
const NOTICED_MS_MAX = 5_000;

test(
  "write on one node, read on another, kill -9 the leader, nothing is lost, it comes back",
  () =>
    withCluster({}, async (cluster) => {
      const leader = await cluster.leader();
      const [one, other] = cluster.others(leader);
      if (!one || !other) throw new Error("three nodes were asked for");
      const read = async (node = one) => {
        const reply = await cluster.ask(node, (client) => client.get("name"));
        return reply.ok ? reply.body.value : reply.detail;
      };

      const written = await cluster.ask(one, (client) => client.set("name", "balsa"));
      expect(written.ok).toBe(true);
      expect(await read(other)).toBe("balsa");

      await leader.kill();
      await cluster.writable();
      expect(await read(one)).toBe("balsa");
      expect(await read(other)).toBe("balsa");
      await eventually("the dead node to show in the status", NOTICED_MS_MAX, async () => {
        const { nodes } = await cluster.status(one);
        return nodes.some(({ id, healthy }) => id === leader.id && !healthy) ? true : null;
      });

      leader.start();
      await cluster.catchesUp(leader);
      expect(await read(leader)).toBe("balsa");
      expect(await Promise.all(cluster.nodes.map((node) => node.stop()))).toEqual([0, 0, 0]);
    }),
  TEST_MS_MAX,
);
