/**
 * The dashboard in a real browser on three real nodes: what a visitor sees when nothing happens,
 * when the leader dies, and when the very node dies that served the page.
 */
import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Page } from "playwright-core";
import {
  barriersOf,
  browserPath,
  type Look,
  lookAt,
  NO_BROWSER,
  withBrowser,
} from "../harness/browser";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import { operate } from "../harness/members";
import type { NodeProcess } from "../harness/node-process";

const TEST_MS_MAX = 120_000;
/** A first drawing on a machine that runs three nodes and a browser on two cores. */
const DRAWN_MS_MAX = 20_000;
/** From the kill to the new leader on the page: the promise. */
const FAILOVER_MS_MAX = 3_000;
/** From the kill to the dead node on the page: the promise. */
const DEATH_MS_MAX = 2_000;
/** Set to a directory to have the screenshots of the README taken there. */
const shotsDirectory = process.env.BALSA_SCREENSHOTS;

const urlOf = (node: NodeProcess) => `http://127.0.0.1:${node.apiPort}/`;
const card = (page: Page, node: NodeProcess) => page.locator(`.node[data-node="${node.id}"]`);

/** Waits for what a selector finds. Errors: it is not there in time. */
const sees = (page: Page, selector: string, timeout = DRAWN_MS_MAX) =>
  page.locator(selector).first().waitFor({ state: "attached", timeout });

/** The leader, and the two others in the order of their ids. */
async function rolesOf(cluster: Cluster) {
  const leader = await cluster.leader();
  const [one, other] = cluster.others(leader);
  if (!one || !other) throw new Error("three nodes were asked for");
  return { leader, one, other };
}

/**
 * Who leads now, in which term, once the page shows it too. Whoever led before the browser started
 * may not any more: that takes a core or two, and nodes that are starved elect. Where the page's
 * own node leads by now it hands over, for another one is to be looked at from there.
 */
function reignBeside(home: NodeProcess, cluster: Cluster, { page }: Look) {
  return eventually("another node than the page's to lead", DRAWN_MS_MAX, async () => {
    const leader = await cluster.leader();
    // Role and term of one moment.
    const { role, term } = await cluster.self(leader);
    if (role !== "Leader") return null;
    if (leader === home) await operate(cluster, home, "POST", "transfer-leadership");
    const lit = page.locator(`.node[data-node="${leader.id}"][data-lit="true"]`);
    return leader !== home && (await lit.count()) === 1 ? { leader, term } : null;
  });
}

/** Something to look at: keys of three kinds, and a pace. */
async function writeSome(cluster: Cluster, writes: number): Promise<void> {
  for (let at = 0; at < writes; at++) {
    const key = `${["user", "order", "cart"][at % 3]}/${at % 40}`;
    await cluster.ask(cluster.inTurn(), (client) => client.set(key, { at, note: "hello" }));
  }
}

async function expectEveryPanelFilled({ page }: Look): Promise<void> {
  // A busy machine may well be told to be one: what counts is that the node has spoken.
  await sees(page, '.why:not([data-ok="unknown"]) .why-says');
  await eventually("three nodes that answer", DRAWN_MS_MAX, async () =>
    (await page.locator('.node[data-presence="live"]').count()) === 3 ? true : null,
  );
  await sees(page, '.node[data-lit="true"][data-role="leader"]');
  await sees(page, ".link-flow");
  await sees(page, '.machine[aria-pressed="true"] .machine-state');
  await sees(page, '.state[data-lit="true"][data-state="leader.serving"]');
  await sees(page, '.arrow[data-taken="true"]');
  await sees(page, '.band[data-role="leader"]');
  await sees(page, ".time-line .mark-at");
  await sees(page, ".story li");
  await eventually("three logs", DRAWN_MS_MAX, async () =>
    (await page.locator(".log-row .log-bar").count()) === 3 ? true : null,
  );
  await sees(page, ".entries tbody tr");
  await eventually("two plots", DRAWN_MS_MAX, async () =>
    (await page.locator(".plot canvas").count()) === 2 ? true : null,
  );
  await sees(page, ".key-list li");
}

/** Types a key into the page, and reads it elsewhere. */
async function setsKey({ page }: Look, cluster: Cluster, reader: NodeProcess): Promise<void> {
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Key", { exact: true }).fill("from/the page");
  await page.getByLabel("Value", { exact: true }).fill("written by hand");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await sees(page, '.outcome[data-ok="true"]');
  const read = await cluster.ask(reader, (client) => client.get("from/the page"));
  expect(read.ok && read.body.value).toBe("written by hand");
}

/** Everything but the browser's own word that a node which was killed does not answer. */
const withoutDeadLines = (complaints: readonly string[], dead: readonly NodeProcess[]) =>
  complaints.filter(
    (line) => !(/net::ERR_/.test(line) && dead.some((node) => line.includes(`:${node.apiPort}/`))),
  );

test.if(browserPath !== null)(
  "a visitor sees the cluster, its election when the leader dies, and goes on when its node dies",
  () =>
    withCluster({}, (cluster) =>
      withBrowser(async (browser) => {
        await writeSome(cluster, 60);
        const { one: home, other } = await rolesOf(cluster);
        const look = await lookAt(browser, urlOf(home));
        const { complaints, hosts, page } = look;
        await expectEveryPanelFilled(look);
        await setsKey(look, cluster, other);
        expect(complaints).toEqual([]);

        const { leader, term: termBefore } = await reignBeside(home, cluster, look);
        await leader.kill();
        const killedMs = performance.now();
        await sees(page, `.node[data-node="${leader.id}"][data-presence="lost"]`, DEATH_MS_MAX);
        const lit = `.node[data-lit="true"]:not([data-node="${leader.id}"])`;
        await sees(page, lit, FAILOVER_MS_MAX - (performance.now() - killedMs));
        await sees(page, '.story li[data-machine="raft"] >> text=candidate → leader');
        expect(await page.locator(`${lit} .node-facts b`).first().textContent()).not.toBe(
          `${termBefore}`,
        );
        expect(withoutDeadLines(complaints, [leader])).toEqual([]);

        leader.start();
        await sees(page, `.node[data-node="${leader.id}"][data-presence="live"]`);
        await home.kill();
        await sees(page, '.notice[data-notice="elsewhere"]', DEATH_MS_MAX);
        expect(await page.locator(".notice").first().textContent()).toContain(`Node ${home.id}`);
        await cluster.writable();
        await eventually("another node to tell how it is", DRAWN_MS_MAX, async () => {
          const teller = (await page.locator(".told-by").textContent()) ?? "";
          return teller.includes(`node ${home.id} `) ? null : true;
        });
        await setsAnother(look, cluster, other);
        expect(withoutDeadLines(complaints, [leader, home])).toEqual([]);

        home.start();
        await eventually("the page to return to its node", DRAWN_MS_MAX, async () =>
          (await page.locator('.notice[data-notice="elsewhere"]').count()) === 0 ? true : null,
        );
        await card(page, home).click();
        const own = cluster.nodes.map((node) => `127.0.0.1:${node.apiPort}`);
        expect([...hosts].filter((host) => !own.includes(host))).toEqual([]);
      }),
    ),
  TEST_MS_MAX,
);

/** The page still writes, by way of another node. */
async function setsAnother({ page }: Look, cluster: Cluster, reader: NodeProcess): Promise<void> {
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Key", { exact: true }).fill("after/the death");
  await page.getByLabel("Value", { exact: true }).fill("still here");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await eventually("the write through another node", DRAWN_MS_MAX, async () => {
    const read = await cluster.ask(reader, (client) => client.get("after/the death"));
    return read.ok && read.body.value === "still here" ? true : null;
  });
}

test.if(browserPath !== null)(
  "a node that is frozen shows as lost within two seconds, and comes back",
  () =>
    withCluster({}, (cluster) =>
      withBrowser(async (browser) => {
        const { one: home, other } = await rolesOf(cluster);
        const { complaints, page } = await lookAt(browser, urlOf(home));
        const lost = `.node[data-node="${other.id}"][data-presence="lost"]`;
        await sees(page, `.node[data-node="${other.id}"][data-presence="live"]`);
        other.signal("SIGSTOP");
        await sees(page, lost, DEATH_MS_MAX);
        other.signal("SIGCONT");
        await sees(page, `.node[data-node="${other.id}"][data-presence="live"]`);
        expect(complaints).toEqual([]);
      }),
    ),
  TEST_MS_MAX,
);

test.if(browserPath !== null)(
  "a page opened as localhost finds the other nodes, fits a phone, and shuts nobody out",
  () =>
    withCluster({}, (cluster) =>
      withBrowser(async (browser) => {
        await writeSome(cluster, 10);
        const { one: home } = await rolesOf(cluster);
        const url = `http://localhost:${home.apiPort}/`;
        const look = await lookAt(browser, url, { width: 390, height: 844 });
        await expectEveryPanelFilled(look);
        expect(look.page.url()).toBe(urlOf(home));
        expect(await look.page.evaluate("document.documentElement.scrollWidth")).toBe(390);
        expect(await barriersOf(look.page)).toEqual([]);
        expect(look.complaints).toEqual([]);
        const dark = await lookAt(browser, urlOf(home), { colorScheme: "dark" });
        await expectEveryPanelFilled(dark);
        expect(await barriersOf(dark.page)).toEqual([]);
      }),
    ),
  TEST_MS_MAX,
);

test.if(browserPath !== null)(
  "leadership is handed over and a snapshot is taken, each after a question",
  () =>
    withCluster({}, (cluster) =>
      withBrowser(async (browser) => {
        await writeSome(cluster, 5);
        const { one: home } = await rolesOf(cluster);
        const look = await lookAt(browser, urlOf(home));
        const { complaints, page } = look;
        await sees(page, '.node[data-lit="true"]');

        await card(page, home).click();
        await page.getByRole("button", { name: "Take snapshot" }).click();
        await page.getByRole("dialog").getByRole("button", { name: "Take snapshot" }).click();
        await sees(page, `.outcome >> text=Node ${home.id} has a snapshot`);

        const { leader } = await reignBeside(home, cluster, look);
        await page.getByRole("button", { name: "Transfer leadership" }).click();
        await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
        expect((await cluster.leader()).id).toBe(leader.id);
        await page.getByRole("button", { name: "Transfer leadership" }).click();
        await page.getByRole("dialog").getByLabel("To").selectOption(`${home.id}`);
        await page.getByRole("dialog").getByRole("button", { name: "Transfer" }).click();
        await sees(page, `.node[data-node="${home.id}"][data-lit="true"]`);
        expect((await cluster.leader()).id).toBe(home.id);
        expect(complaints).toEqual([]);
      }),
    ),
  TEST_MS_MAX,
);

test.if(shotsDirectory !== undefined && browserPath !== null)(
  "the screenshots of the README",
  () =>
    withCluster({}, (cluster) =>
      withBrowser(async (browser) => {
        const { leader, one: home } = await rolesOf(cluster);
        await writeSome(cluster, 200);
        await leader.kill();
        await cluster.writable();
        leader.start();
        const shots = [
          { name: "light", colorScheme: "light", height: 1_480, from: "page" },
          { name: "dark", colorScheme: "dark", height: 1_300, from: "timeline" },
          { name: "phone", colorScheme: "dark", width: 390, height: 844, scale: 2, from: "page" },
        ] as const;
        for (const { from, name, ...options } of shots) {
          const look = await lookAt(browser, urlOf(home), options);
          await sees(look.page, '.arrow[data-taken="true"]');
          await writeSome(cluster, 400);
          await expectEveryPanelFilled(look);
          await look.page.locator(".choice span", { hasText: "30 s" }).click();
          await look.page.evaluate(`document.getElementById("${from}").scrollIntoView()`);
          // The load has passed, and every node has told of its end.
          await look.page.waitForTimeout(1_000);
          const path = join(shotsDirectory ?? "", `dashboard-${name}.png`);
          await look.page.screenshot({ path });
          await look.page.close();
        }
      }),
    ),
  TEST_MS_MAX,
);

if (browserPath === null) console.warn(NO_BROWSER);
