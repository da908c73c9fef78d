/** Drives one replicator under a parent that writes down what it is told. */
import { type Actor, assign, createActor, setup } from "xstate";
import type { LogShape } from "../../src/machines/log-shape";
import type { RaftEvent } from "../../src/machines/raft/vocabulary";
import {
  defaultWindow,
  type ReplicatorEvent,
  type ReplicatorInput,
  replicatorMachine,
  type WindowLimits,
} from "../../src/machines/replicator.machine";
import { logIndex, nodeId, type SnapshotInfo, term } from "../../src/types";

type Told = Extract<RaftEvent, { type: `replicator.${string}` }>;

/** What the parent was asked to send: behind which index, and which range (null: none). */
type AskedRange = readonly [prevLogIndex: number, range: readonly [number, number] | null];
type AskedChunk = readonly ["chunk", offset: number, byteLength: number];
/** `behind` asks for a snapshot, `done` lets it go. */
export type Asked = AskedRange | AskedChunk | "behind" | "done";

function describe(told: Told): Asked {
  switch (told.type) {
    case "replicator.ready":
      return [told.prevLogIndex, told.range && [told.range.firstIndex, told.range.lastIndex]];
    case "replicator.chunkReady":
      return ["chunk", told.offset, told.byteLength];
    case "replicator.behind":
      return "behind";
    case "replicator.snapshotDone":
      return "done";
  }
}

const parentMachine = setup({
  types: {
    context: {} as { readonly input: ReplicatorInput; readonly heard: readonly Told[] },
    events: {} as Told,
    input: {} as ReplicatorInput,
  },
  actors: { replicator: replicatorMachine },
  actions: {
    note: assign(({ context, event }) => ({ heard: [...context.heard, event] })),
  },
}).createMachine({
  context: ({ input }) => ({ input, heard: [] }),
  invoke: { id: "replicator", src: "replicator", input: ({ context }) => context.input },
  on: { "*": { actions: "note" } },
});

export class ReplicatorDriver {
  readonly #parent: Actor<typeof parentMachine>;
  #told = 0;

  constructor(log: LogShape, window: Partial<WindowLimits> = {}) {
    const input = { peer: nodeId(2), log, window: { ...defaultWindow, ...window } };
    this.#parent = createActor(parentMachine, { id: "parent", input });
    this.#parent.subscribe({
      error: (error) => {
        throw error;
      },
    });
    this.#parent.start();
  }

  get #replicator(): Actor<typeof replicatorMachine> {
    return this.#parent.getSnapshot().children.replicator as Actor<typeof replicatorMachine>;
  }
  /** `probe.idle`, `replicate`, `snapshot.streaming`… */
  get state(): string {
    const { value } = this.#replicator.getSnapshot();
    if (typeof value === "string") return value;
    return Object.entries(value).map((path) => path.join("."))[0] ?? "";
  }
  get context() {
    return this.#replicator.getSnapshot().context;
  }

  /** One event, and what the parent was asked to send for it. */
  hear(event: ReplicatorEvent): { readonly state: string; readonly asked: readonly Asked[] } {
    this.#replicator.send(event);
    const { heard } = this.#parent.getSnapshot().context;
    const asked = heard.slice(this.#told).map(describe);
    this.#told = heard.length;
    return { state: this.state, asked };
  }

  grow(log: LogShape) {
    return this.hear({ type: "log.grew", log });
  }
  beat() {
    return this.hear({ type: "heartbeat.due" });
  }
  compact(log: LogShape) {
    return this.hear({ type: "log.compacted", log });
  }
  offer(snapshot: SnapshotInfo) {
    return this.hear({ type: "snapshot.offered", snapshot });
  }
  receive(snapshot: SnapshotInfo, receivedBytes: number) {
    return this.hear({ type: "chunk.acknowledged", snapshot, receivedBytes });
  }
  openRound() {
    return this.hear({ type: "round.opened" });
  }
  accept(matchIndex: number) {
    return this.hear({ type: "reply.accepted", matchIndex: logIndex(matchIndex) });
  }
  reject(prevLogIndex: number, [conflictIndex, conflictTerm]: readonly [number, number | null]) {
    return this.hear({
      type: "reply.rejected",
      prevLogIndex: logIndex(prevLogIndex),
      conflictTerm: conflictTerm === null ? null : term(conflictTerm),
      conflictIndex: logIndex(conflictIndex),
    });
  }
  lose() {
    return this.hear({ type: "link.lost" });
  }
}
