/** The shapes of what is told about the node itself: its machines, its pace, its reasons. */
import { Type } from "@sinclair/typebox";
import { t } from "elysia";
import { TRANSITIONS_ITEMS_DEFAULT, TRANSITIONS_ITEMS_MAX } from "./limits";
import { answer, Count, closed, OrNull } from "./schemas";

const MACHINE_NAME_MAX = 64;

const machine = (description: string) =>
  t.Optional(
    t.String({
      minLength: 1,
      maxLength: MACHINE_NAME_MAX,
      error: `machine must be a name of 1 to ${MACHINE_NAME_MAX} characters`,
      description,
      examples: ["raft"],
    }),
  );

export const TransitionsQuery = t.Object(
  {
    machine: machine("`raft`, or `replicator/2`, or `replicator` for all of a kind."),
    from: t.Optional(
      t.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        error: "from must be a number of a transition, 1 or more",
        description: "The first number wanted; the oldest that is kept where absent.",
      }),
    ),
    limit: t.Optional(
      t.Integer({
        minimum: 1,
        maximum: TRANSITIONS_ITEMS_MAX,
        error: `limit must be an integer from 1 to ${TRANSITIONS_ITEMS_MAX}`,
        description: `Items a page; ${TRANSITIONS_ITEMS_DEFAULT} where absent.`,
      }),
    ),
  },
  closed,
);
export const ChartQuery = t.Object(
  { machine: machine("A machine, its kind, or its chart; `raft` where absent.") },
  closed,
);

const Millis = Type.Number({ description: "In ms." });
const times = {
  monotonic_ms: Type.Number({ description: "In ms, from an arbitrary start." }),
  wall_ms: Type.Number({ description: "In ms since the epoch." }),
};
const Path = Type.String({
  description: "A dotted path of the chart.",
  examples: ["leader.serving"],
});

export const InspectAnswer = answer({
  node: Count,
  ...times,
  first_seq: Count,
  last_seq: Count,
  machines: Type.Array(
    answer({
      machine: Type.String({ examples: ["raft", "replicator/2"] }),
      chart: OrNull(Type.String()),
      state: Path,
      in_state_ms: Millis,
      seq: OrNull(Type.Integer({ description: "The transition that led here." })),
      context: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});

export const TransitionItem = answer({
  seq: Count,
  node: Count,
  machine: Type.String(),
  from: OrNull(Path),
  event: Type.String({ examples: ["AppendEntries", "after electionTimeout"] }),
  to: OrNull(Path),
  term: Count,
  index: OrNull(Count),
  reason: Type.String({ examples: ["heard no leader for 612 ms"] }),
  ...times,
});
export const TransitionsAnswer = answer({
  items: Type.Array(TransitionItem),
  next_from: Count,
  first_seq: Count,
  last_seq: Count,
});

export const ChartAnswer = answer({
  chart: Type.String(),
  charts: Type.Array(Type.String()),
  states: Type.Array(
    answer({
      id: Path,
      key: Type.String(),
      parent: OrNull(Path),
      type: Type.String({ examples: ["atomic", "compound", "final"] }),
      initial: OrNull(Path),
      entry: Type.Array(Type.String()),
      exit: Type.Array(Type.String()),
      runs: Type.Array(answer({ id: Type.String(), machine: Type.String() })),
    }),
  ),
  transitions: Type.Array(
    answer({
      from: Path,
      event: Type.String({ description: "Empty for one that needs no event." }),
      guard: OrNull(Type.String()),
      actions: Type.Array(Type.String()),
      to: OrNull(Path),
    }),
  ),
  mermaid: Type.String(),
});

const Rate = OrNull(Type.Number({ description: "Per second; null on a first look." }));
const Percentile = OrNull(Type.Number({ description: "In ms; null where nothing was asked." }));
const RequestsAnswer = answer({
  under_way: Count,
  total: Count,
  failed: Count,
  per_second: Rate,
  p50_ms: Percentile,
  p90_ms: Percentile,
  p99_ms: Percentile,
});
const Counts = Type.Record(Type.String(), Type.Number());
const Transfer = answer({
  snapshot_index: Count,
  acknowledged_bytes: Count,
  sent_bytes: Count,
  total_bytes: Count,
});
export const LiveAnswer = answer({
  node: Count,
  ...times,
  last_seq: Count,
  state: Path,
  role: Type.Union([Type.Literal("Leader"), Type.Literal("Follower"), Type.Literal("Candidate")]),
  term: Count,
  leader_id: OrNull(Count),
  ready: Type.Boolean(),
  trouble: OrNull(Type.String({ description: "What is wrong, in one sentence." })),
  log: answer({
    base_index: Count,
    snapshot_index: OrNull(Count),
    applied_index: Count,
    commit_index: Count,
    durable_index: Count,
    last_index: Count,
    bytes_written: Count,
    syncs: Count,
  }),
  store: answer({ keys: Count, revision: Count }),
  disk: answer({ has_room: Type.Boolean(), full: Type.Boolean() }),
  interval_ms: OrNull(Count),
  entries_per_second: Rate,
  syncs_per_second: Rate,
  writes: RequestsAnswer,
  reads: RequestsAnswer,
  peers: Type.Array(
    answer({
      id: Count,
      voter: Type.Boolean(),
      healthy: Type.Boolean(),
      last_contact_ms: OrNull(Millis),
      link: OrNull(Type.String()),
      reason: OrNull(Type.String()),
      replicator: OrNull(Path),
      match_index: OrNull(Count),
      next_index: OrNull(Count),
      in_flight: OrNull(Count),
      snapshot: OrNull(Transfer),
      sent: Counts,
      received: Counts,
    }),
  ),
});

const says = Type.String({ description: "One sentence." });
export const WhyAnswer = answer({
  node: Count,
  ...times,
  ok: Type.Boolean(),
  summary: says,
  facts: Type.Array(
    answer({
      about: Type.String({ examples: ["leader", "disk", "follower/2"] }),
      ok: Type.Boolean(),
      says,
      numbers: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Null()])),
    }),
  ),
  leader: answer({
    id: OrNull(Count),
    ok: Type.Boolean(),
    says,
    voters: Count,
    needed: Count,
    reachable: Count,
  }),
  ready: answer({ ok: Type.Boolean(), says }),
  writes: answer({
    ok: Type.Boolean(),
    code: Type.String({ examples: ["flowing", "no_quorum", "disk_full"] }),
    says,
    under_way: Count,
    limit: Count,
  }),
  last_election: OrNull(answer({ term: Count, leader_id: Count, says, ...times })),
  followers: Type.Array(
    answer({
      id: Count,
      ok: Type.Boolean(),
      code: Type.String({ examples: ["in_step", "link_down", "slow_disk"] }),
      says,
      match_index: Count,
      behind: Count,
    }),
  ),
});
