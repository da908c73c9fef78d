/**
 * When a node takes a snapshot of its state and cuts the log behind it (Raft §7): "servers must
 * decide when to snapshot. If a server snapshots too often, it wastes disk bandwidth and energy; if
 * it snapshots too infrequently, it risks exhausting its storage capacity". Each node decides for
 * itself, whatever its role.
 *
 * idle → snapshotting → publishing → truncating → idle. The state is cut at one moment and written
 * in slices, between which the node serves on; `resting` where the disk had no room.
 */
import { compactionSetup, initialContext } from "./compaction-setup";
import { ignoring } from "./ignoring";
import { inPlace } from "./in-place";

/** A client is answered at once where there is nothing to do, and else by the snapshot's end. */
const onRequest = [
  { guard: "hasNews", target: "snapshotting" },
  { actions: "answerNothingNew" },
] as const;

/** Our own is not worth its ending: a newer state is here, or there is no room for it. */
const whileWriting = {
  "snapshot.installed": {
    target: "idle",
    actions: ["abandonSnapshot", "noteInstalled", "answerAbandoned"],
  },
  "room.lacking": { target: "resting", actions: ["abandonSnapshot", "answerNoRoom"] },
  applied: { actions: "noteApplied" },
  ...ignoring("snapshot.requested", "log.cut"),
} as const;

const atRest = ignoring(
  "snapshot.written",
  "snapshot.synced",
  "snapshot.published",
  "log.cut",
  "room.lacking",
);

const chart = compactionSetup.createMachine({
  id: "compaction",
  context: initialContext,
  initial: "idle",
  states: {
    idle: {
      always: { guard: "isDue", target: "snapshotting" },
      after: {
        interval: [
          { guard: "hasNews", target: "snapshotting" },
          { target: "idle", reenter: true, actions: "waitWholeInterval" },
        ],
      },
      on: {
        applied: { actions: "noteApplied" },
        "snapshot.requested": onRequest,
        "snapshot.installed": { actions: "noteInstalled" },
        ...atRest,
      },
    },
    snapshotting: {
      entry: ["noteBegun", "waitWholeInterval", "rollLog"],
      initial: "aligning",
      on: {
        ...whileWriting,
        ...ignoring("snapshot.synced", "snapshot.published"),
      },
      states: {
        /**
         * The log runs ahead of what is applied. The segment that has just begun is to hold nothing
         * that the snapshot stands for, or each cut would leave a whole segment too much.
         */
        aligning: {
          always: { guard: "isAligned", target: "writing" },
          after: { alignDelay: "writing" },
          on: ignoring("snapshot.written"),
        },
        writing: {
          entry: ["beginSnapshot", "writeSnapshot"],
          on: {
            "snapshot.written": "#compaction.publishing",
          },
        },
      },
    },
    publishing: {
      initial: "syncing",
      on: {
        ...whileWriting,
        ...ignoring("snapshot.written"),
      },
      states: {
        /** The log too: a snapshot of what it has lost in a crash would not connect to it. */
        syncing: {
          entry: "syncSnapshot",
          on: {
            "snapshot.synced": "naming",
            ...ignoring("snapshot.published"),
          },
        },
        naming: {
          entry: "publishSnapshot",
          on: {
            "snapshot.published": { target: "#compaction.truncating", actions: "notePublished" },
            ...ignoring("snapshot.synced"),
          },
        },
      },
    },
    truncating: {
      on: {
        "log.cut": { target: "idle", actions: "answerPublished" },
        "snapshot.installed": { target: "idle", actions: ["noteInstalled", "answerPublished"] },
        applied: { actions: "noteApplied" },
        ...ignoring("snapshot.requested", "snapshot.written", "snapshot.synced"),
        ...ignoring("snapshot.published", "room.lacking"),
      },
    },
    /** The disk was full. Only a client may make it try sooner. */
    resting: {
      after: {
        roomDelay: [{ guard: "hasNews", target: "snapshotting" }, { target: "idle" }],
      },
      on: {
        applied: { actions: "noteApplied" },
        "snapshot.requested": onRequest,
        "snapshot.installed": { target: "idle", actions: "noteInstalled" },
        ...atRest,
      },
    },
  },
});

export const compactionMachine = inPlace(chart);
