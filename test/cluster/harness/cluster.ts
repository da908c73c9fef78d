/** Real nodes on random ports with temporary data, always cleaned up. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient, type NodeBody, type StatusBody } from "./api-client";
import { eventually } from "./deadline";
import { type NodeOptions, NodeProcess } from "./node-process";
import { freePort } from "./ports";

export interface ClusterOptions {
  readonly size?: number;
  /** More flags for every node; `folder` is the cluster's own. */
  readonly flags?: readonly string[] | ((folder: string) => readonly string[]);
  /** How long the first start may take, where there is much to load. */
  readonly readyMs?: number;
  /** A command that each node is run under. */
  readonly wrapper?: (id: number, folder: string) => readonly string[];
  /** Where the node's data goes; by default a folder of its own under the cluster's. */
  readonly dataDirectory?: (id: number, folder: string) => string;
}

/** Generous: a loaded machine with two cores is slow, a broken cluster is stuck. */
const READY_MS = 15_000;
const PROBE_TIMEOUT_MS = 1_000;

export class Cluster {
  /** The members, as clients know them. */
  nodes: readonly NodeProcess[];
  /** Holds logs and data; removed at the end. */
  readonly folder = mkdtempSync(join(tmpdir(), "balsa-cluster-"));
  /** Those that were members once, too. */
  private readonly everyone: NodeProcess[];
  private turns = 0;

  constructor(options: ClusterOptions = {}) {
    const ids = Array.from({ length: options.size ?? 3 }, (_, at) => at + 1);
    const ports = ids.map(() => freePort());
    const { flags = [] } = options;
    const moreFlags = typeof flags === "function" ? flags(this.folder) : flags;
    const founders = ids.map((id, at) => `${id}=127.0.0.1:${ports[at]}`).join(",");
    this.nodes = ids.map((id, at) => {
      const dataDirectory = options.dataDirectory?.(id, this.folder) ?? join(this.folder, `${id}`);
      return new NodeProcess({
        id,
        founders,
        dataDirectory,
        apiPort: freePort(),
        peerPort: ports[at] ?? 0,
        logFile: join(this.folder, `${id}.log`),
        flags: moreFlags,
        wrapper: options.wrapper?.(id, this.folder) ?? [],
      });
    });
    this.everyone = [...this.nodes];
  }

  /** A node that is to join those of now, with an empty directory; clients do not know it yet. */
  newcomer(id: number, flags: readonly string[] = []): NodeProcess {
    const members = this.running.map(({ apiPort }) => `127.0.0.1:${apiPort}`);
    const node = new NodeProcess({
      id,
      founders: null,
      dataDirectory: join(this.folder, `${id}`),
      apiPort: freePort(),
      peerPort: freePort(),
      logFile: join(this.folder, `${id}.log`),
      flags: ["--join", members.join(","), ...flags],
      wrapper: [],
    });
    this.everyone.push(node);
    return node;
  }

  /** The same node with other options, in the place of itself. Errors: it still runs. */
  restarted(node: NodeProcess, options: Partial<NodeOptions>): NodeProcess {
    if (node.isRunning) throw new Error(`node ${node.id} is still running`);
    const again = new NodeProcess({ ...node.options, ...options });
    this.everyone.push(again);
    this.nodes = this.nodes.map((other) => (other === node ? again : other));
    again.start();
    return again;
  }

  /** Clients are told of `node` from now on. */
  admit(node: NodeProcess): void {
    this.nodes = [...this.nodes, node];
  }

  /** Clients are told that `node` is a member no more. */
  dismiss(node: NodeProcess): void {
    this.nodes = this.others(node);
  }

  get running() {
    return this.nodes.filter((node) => node.isRunning);
  }

  node(id: number): NodeProcess {
    const node = this.nodes.find((candidate) => candidate.id === id);
    if (!node) throw new Error(`there is no node ${id}`);
    return node;
  }

  others(than: NodeProcess): readonly NodeProcess[] {
    return this.nodes.filter((node) => node !== than);
  }

  /** One of `nodes` after the other. Errors: there is none. */
  inTurn(nodes: readonly NodeProcess[] = this.running): NodeProcess {
    const node = nodes[this.turns++ % nodes.length];
    if (!node) throw new Error("no node is running");
    return node;
  }

  start(): void {
    for (const node of this.nodes) if (!node.isRunning) node.start();
  }

  /** Runs `task` with a client of `node`. */
  async ask<T>(node: NodeProcess, task: (client: ApiClient) => Promise<T>): Promise<T> {
    const client = new ApiClient(node.apiPort);
    try {
      return await task(client);
    } finally {
      client.close();
    }
  }

  /** `GET /cluster/status` of a node. Errors: it does not answer 200. */
  async status(node: NodeProcess): Promise<StatusBody> {
    const reply = await this.ask(node, (client) => client.status(PROBE_TIMEOUT_MS));
    if (!reply.ok) throw new Error(`node ${node.id}: ${reply.code} ${reply.detail}`);
    return reply.body;
  }

  /** What a node says of itself. */
  async self(node: NodeProcess): Promise<NodeBody> {
    const { nodes } = await this.status(node);
    const self = nodes.find(({ id }) => id === node.id);
    if (!self) throw new Error(`node ${node.id} does not list itself`);
    return self;
  }

  /** The running node that leads in the highest term any of them knows. */
  leader(timeoutMs = READY_MS): Promise<NodeProcess> {
    return eventually("a leader", timeoutMs, async () => {
      const selves = await Promise.all(this.running.map((node) => this.self(node)));
      const termMax = Math.max(...selves.map(({ term }) => term ?? 0));
      const leader = selves.find(({ role, term }) => role === "Leader" && term === termMax);
      return leader ? this.node(leader.id) : null;
    });
  }

  /** Waits until a write through one of `nodes` succeeds; answers how many ms that took. */
  async writable(
    nodes: readonly NodeProcess[] = this.running,
    timeoutMs = READY_MS,
  ): Promise<number> {
    const startMs = performance.now();
    await eventually(`a write on node ${nodes.map(({ id }) => id)}`, timeoutMs, async () => {
      const node = this.inTurn(nodes);
      const reply = await this.ask(node, (client) =>
        client.set("probe", this.turns, { timeoutMs: PROBE_TIMEOUT_MS }),
      );
      if (!reply.ok) throw new Error(`node ${node.id}: ${reply.code} ${reply.detail}`);
      return reply.body;
    });
    return performance.now() - startMs;
  }

  /** Waits until `node` has applied everything that is committed now. */
  async catchesUp(node: NodeProcess, timeoutMs = READY_MS): Promise<void> {
    const { commit_index } = await this.self(await this.leader());
    await eventually(`node ${node.id} to reach entry ${commit_index}`, timeoutMs, async () => {
      const { applied_index } = await this.self(node);
      return (applied_index ?? 0) >= (commit_index ?? 0) ? true : null;
    });
  }

  /** Waits until every running node has applied the same entries. */
  async caughtUp(timeoutMs = READY_MS): Promise<void> {
    await eventually("all nodes to apply the same", timeoutMs, async () => {
      const selves = await Promise.all(this.running.map((node) => this.self(node)));
      const applied = new Set(selves.map(({ applied_index }) => applied_index));
      const known = selves.every(
        ({ commit_index, applied_index }) => applied_index === commit_index,
      );
      return applied.size === 1 && known ? true : null;
    });
  }

  showLogs(): void {
    const tails = new Map(this.everyone.map((node) => [node.id, node.logTail()]));
    for (const [id, tail] of tails) console.error(`── log of node ${id}\n${tail}`);
  }

  /** Kills what still runs and removes every trace. */
  async dispose(): Promise<void> {
    await Promise.all(this.everyone.map((node) => node.kill()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs `story` on a writable cluster; on failure the nodes' logs are shown. */
export async function withCluster(
  options: ClusterOptions,
  story: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const cluster = new Cluster(options);
  try {
    cluster.start();
    await cluster.writable(cluster.nodes, options.readyMs);
    await story(cluster);
  } catch (error) {
    cluster.showLogs();
    throw error;
  } finally {
    await cluster.dispose();
  }
}
