/** Drives one compaction machine by hand: each deed gives back what the host was asked for. */
import { expect } from "bun:test";
import { type ActorOptions, createActor } from "xstate";
import { compactionMachine } from "../../src/machines/compaction.machine";
import type { TakenSnapshot } from "../../src/machines/compaction-due";
import type { CompactionInput } from "../../src/machines/compaction-setup";
import type {
  CompactionEffect,
  CompactionEvent,
  CompactionOutcome,
} from "../../src/machines/compaction-vocabulary";
import { logIndex } from "../../src/types";
import { StillClock } from "./still-clock";

export const settings: CompactionInput = {
  snapshotEntries: 100,
  snapshotBytesMin: 1_000,
  intervalMs: 60_000,
  phase: { rank: 0, of: 3 },
  lastSnapshot: null,
  recoveredLogBytes: 0,
};

type Begun = Extract<CompactionEffect, { type: "beginSnapshot" }>;
type TakenAbout = Partial<Omit<TakenSnapshot, "index">>;

/** A small one, not compressed, unless told otherwise. */
export const taken = (index: number, about: TakenAbout = {}): TakenSnapshot => ({
  index: logIndex(index),
  bytes: 100,
  parts: 10,
  stateBytes: about.bytes ?? 100,
  ...about,
});

export const begins = ["rollLog", "beginSnapshot", "writeSnapshot"] as const;
const finished = (outcome: CompactionOutcome) => `finished ${outcome}` as const;

export function start(input: Partial<CompactionInput> = {}) {
  const clock = new StillClock();
  const actor = createActor(compactionMachine, {
    id: "compaction",
    clock: clock as NonNullable<ActorOptions<typeof compactionMachine>["clock"]>,
    input: { ...settings, ...input },
  });
  let effects: CompactionEffect[] = [];
  let asked: Begun | null = null;
  actor.on("*", (effect) => {
    effects.push(effect);
    if (effect.type === "beginSnapshot") asked = effect;
  });
  const take = () => {
    const taken = effects.map((effect) =>
      effect.type === "finished" ? finished(effect.outcome) : effect.type,
    );
    effects = [];
    return taken;
  };
  actor.start();
  const send = (event: CompactionEvent) => {
    actor.send(event);
    return take();
  };
  return {
    get state() {
      return actor.getSnapshot().value;
    },
    send,
    /** How it was asked for a snapshot the last time. */
    get asked() {
      if (!asked) throw new Error("no snapshot was asked for");
      return asked;
    },
    /** `lastIndex`: where the log ends; all of it is applied unless told otherwise. */
    apply: (appliedIndex: number, logBytes = 0, lastIndex = appliedIndex) =>
      send({
        type: "applied",
        appliedIndex: logIndex(appliedIndex),
        logBytes,
        logIndex: logIndex(lastIndex),
      }),
    request: () => send({ type: "snapshot.requested" }),
    written: () => send({ type: "snapshot.written" }),
    sync: () => send({ type: "snapshot.synced" }),
    publish: (index: number, about: TakenAbout = {}) =>
      send({ type: "snapshot.published", snapshot: taken(index, about) }),
    cut: () => send({ type: "log.cut" }),
    install: (index: number, about: TakenAbout = {}) =>
      send({ type: "snapshot.installed", snapshot: taken(index, about) }),
    lackRoom: () => send({ type: "room.lacking" }),
    elapse: (ms: number) => {
      clock.elapse(ms);
      return take();
    },
  };
}
export type Compaction = ReturnType<typeof start>;

/** From the first slice to the cut log. */
export function finish(compaction: Compaction, index: number, about: TakenAbout = {}): void {
  compaction.written();
  compaction.sync();
  compaction.publish(index, about);
  expect(compaction.cut()).toEqual(["finished published"]);
  expect(compaction.state).toBe("idle");
}

/** On its way, and not published yet. */
export const onTheWay: readonly (readonly [string, () => Compaction])[] = [
  ["snapshotting", () => begun()],
  ["publishing, syncing", () => after(begun(), (one) => one.written())],
  [
    "publishing, naming",
    () =>
      after(
        begun(),
        (one) => one.written(),
        (one) => one.sync(),
      ),
  ],
];
export function begun(): Compaction {
  const compaction = start();
  expect(compaction.apply(100)).toEqual([...begins]);
  return compaction;
}
export function after(compaction: Compaction, ...deeds: ((one: Compaction) => void)[]): Compaction {
  for (const deed of deeds) deed(compaction);
  return compaction;
}
