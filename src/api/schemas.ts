/**
 * The shapes of requests and answers. The same schemas validate, type the client and make the
 * OpenAPI document. Bodies and answers use TypeBox itself; queries and paths use Elysia's `t`,
 * which also reads numbers and booleans out of their text.
 */
import { type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { t } from "elysia";
import { DURATION_PATTERN } from "../durations";
import { LIST_ITEMS_MAX, LOG_ITEMS_DEFAULT, LOG_ITEMS_MAX } from "./limits";
import { TIMEOUT_RULE } from "./queries";

export const closed = { additionalProperties: false } as const;
export const answer = <Fields extends TProperties>(
  fields: Fields,
  description?: string,
): TObject<Fields> =>
  Type.Object(fields, description === undefined ? closed : { ...closed, description });

export const Count = Type.Integer({ minimum: 0 });
export const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

const Key = Type.String({ description: "1 to 1,024 bytes of well-formed UTF-8." });
const JsonValue = Type.Unknown({
  description: "Any JSON value; bytes appear as base64, with `encoding` beside them.",
});
const Encoding = Type.Optional(
  Type.Literal("base64", { description: "Present exactly where `value` stands for bytes." }),
);

// What requests say.

const timeout = t.Optional(
  t.String({
    pattern: DURATION_PATTERN,
    error: TIMEOUT_RULE,
    description: "How long the request may take, 1ms to 60s; 5s where absent.",
    examples: ["2s"],
  }),
);
const consistency = t.Optional(
  t.UnionEnum(["linearizable", "stale"], {
    error: "consistency must be linearizable or stale",
    description:
      "`stale` answers at once from this node's own copy, labelled with its age in " +
      "`X-Balsa-Staleness-Ms`; `linearizable` where absent.",
  }),
);

export const KeyParams = t.Object({
  key: t.String({
    error: "the path's key has an escape that is not UTF-8",
    description: "Percent-encoded, `/` included.",
    examples: ["name"],
  }),
});
export const NoQuery = t.Object({}, closed);
export const ReadQuery = t.Object({ consistency, timeout }, closed);
export const TimeoutQuery = t.Object({ timeout }, closed);
export const ListQuery = t.Object(
  {
    prefix: t.Optional(t.String({ description: "Only keys that begin so." })),
    limit: t.Optional(
      t.Integer({
        minimum: 1,
        maximum: LIST_ITEMS_MAX,
        error: `limit must be an integer from 1 to ${LIST_ITEMS_MAX}`,
        description: `Items a page; ${LIST_ITEMS_MAX} where absent.`,
      }),
    ),
    cursor: t.Optional(t.String({ description: "`next_cursor` of the page before." })),
    keys_only: t.Optional(
      t.Boolean({
        error: "keys_only must be true or false",
        description: "Leaves the values out.",
      }),
    ),
    consistency,
    timeout,
  },
  closed,
);
export const LogQuery = t.Object(
  {
    timeout,
    from: t.Optional(
      t.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        error: "from must be an index, 1 or more",
        description: "The first index wanted; the first there is where absent.",
      }),
    ),
    limit: t.Optional(
      t.Integer({
        minimum: 1,
        maximum: LOG_ITEMS_MAX,
        error: `limit must be an integer from 1 to ${LOG_ITEMS_MAX}`,
        description: `Items a page; ${LOG_ITEMS_DEFAULT} where absent.`,
      }),
    ),
  },
  closed,
);
const flag = (name: string, description: string) =>
  t.Optional(t.Boolean({ error: `${name} must be true or false`, description }));
export const AddMemberQuery = t.Object(
  {
    learner: flag("learner", "Stays a learner: gets the log, and has no say."),
    wait: flag("wait", "Answer when it is what it is to become, or when the time is up."),
    timeout,
  },
  closed,
);
export const RemoveMemberQuery = t.Object(
  {
    force: flag("force", "Even if those who are left and reachable are no majority."),
    timeout,
  },
  closed,
);
const MEMBER_ID_RULE = `the id must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}`;
const memberIds = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER, error: MEMBER_ID_RULE } as const;
export const MemberParams = t.Object({ id: t.Integer(memberIds) });

export const SetBody = Type.Object({ key: Key, value: JsonValue }, closed);
const MemberId = Type.Integer(memberIds);
const PeerAddress = Type.String({
  description: "`host:port` of its peer port, as the other members dial it.",
  examples: ["127.0.0.1:9084"],
});
export const AddMemberBody = Type.Object({ id: MemberId, peer_address: PeerAddress }, closed);
export const ChangeMemberBody = Type.Object(
  {
    peer_address: Type.Optional(PeerAddress),
    learner: Type.Optional(Type.Boolean({ description: "False makes a voter of a learner, now." })),
  },
  closed,
);
export const TransferBody = Type.Object(
  { to: Type.Optional(MemberId) },
  { ...closed, default: {}, description: "May be absent: to the best voter then." },
);

// What answers say.

const keyFacts = { create_revision: Count, mod_revision: Count, version: Count };

export const KeyValueAnswer = answer({
  key: Key,
  value: JsonValue,
  encoding: Encoding,
  ...keyFacts,
});
const decision = { revision: Count, term: Count, index: Count };
export const SetAnswer = answer({ key: Key, ...decision });
export const DeleteAnswer = answer({
  key: Key,
  deleted: Type.Boolean({ description: "False where there was no such key." }),
  ...decision,
});
export const ListAnswer = answer({
  items: Type.Array(
    answer({ key: Key, value: Type.Optional(JsonValue), encoding: Encoding, ...keyFacts }),
  ),
  next_cursor: OrNull(Type.String()),
  revision: Count,
});
export const LogAnswer = answer({
  items: Type.Array(
    answer({
      index: Count,
      term: Count,
      command: Type.String({ examples: ["SET name", "DELETE name", "NOOP", "CONFIG"] }),
      key: OrNull(Type.String()),
      value: JsonValue,
      encoding: Encoding,
    }),
  ),
  next_from: Count,
  commit_index: Count,
});
export const StatusAnswer = answer({
  cluster_id: Type.String(),
  term: Count,
  leader: Type.Union([answer({ id: Count, address: OrNull(Type.String()) }), Type.Null()]),
  quorum: answer({ voters: Count, needed: Count, reachable: Count }),
  nodes: Type.Array(
    answer({
      id: Count,
      address: OrNull(Type.String()),
      peer_address: Type.String(),
      peers: Type.Array(Type.String()),
      role: Type.Union([
        Type.Literal("Leader"),
        Type.Literal("Follower"),
        Type.Literal("Candidate"),
        Type.Null(),
      ]),
      healthy: Type.Boolean(),
      voter: Type.Boolean(),
      term: OrNull(Count),
      commit_index: OrNull(Count),
      applied_index: OrNull(Count),
      last_log_index: OrNull(Count),
      snapshot_index: OrNull(Count),
      installing: Type.Optional(
        answer(
          { snapshot_index: Count, received_bytes: Count, total_bytes: Count },
          "A snapshot on its way from the leader; absent while none is.",
        ),
      ),
      last_contact_ms: OrNull(Type.Number({ minimum: 0 })),
    }),
  ),
});
export const MemberAnswer = answer({
  id: Count,
  peer_address: Type.String(),
  address: OrNull(Type.String({ description: "Of its API; null where it was never met." })),
  state: Type.Union([Type.Literal("joining"), Type.Literal("learner"), Type.Literal("voter")], {
    description: "`joining`: a learner that the cluster has not met yet.",
  }),
  voter: Type.Boolean(),
  stays_learner: Type.Boolean({ description: "False for what is promoted once it keeps up." }),
  healthy: Type.Boolean(),
  last_log_index: OrNull(Count),
});
export const MembersAnswer = answer({
  cluster_id: Type.String(),
  leader_id: OrNull(Count),
  index: Type.Integer({ minimum: 0, description: "The entry that says so; 0 for the founders." }),
  committed: Type.Boolean(),
  members: Type.Array(MemberAnswer),
  removed: Type.Array(Count, { description: "Ids that are never used again." }),
  founders: Type.Array(answer({ id: Count, peer_address: Type.String() }), {
    description: "Whom the log began with.",
  }),
});
export const RemovedAnswer = answer({
  id: Count,
  removed: Type.Literal(true),
  index: Count,
  committed: Type.Optional(
    Type.Literal(false, { description: "Present while too few of those who are left answer." }),
  ),
});
export const TransferAnswer = answer({ leader_id: Count });
export const SnapshotAnswer = answer({
  node: Count,
  index: Type.Integer({ minimum: 0, description: "The last log index it stands for." }),
  term: Count,
  bytes: Type.Integer({ minimum: 0, description: "Length of its file." }),
});
export const AliveAnswer = answer({ alive: Type.Literal(true) });
export const ReadyAnswer = answer({ ready: Type.Literal(true) });

/** RFC 9457, with our own members behind `detail`. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What happened and to what, in one sentence." }),
    code: Type.String({ description: "Names the problem for programs." }),
    retryable: Type.Boolean({ description: "The same request may simply be sent again." }),
    outcome: Type.Union(
      [Type.Literal("applied"), Type.Literal("not_applied"), Type.Literal("unknown"), Type.Null()],
      { description: "What became of the write; null for reads." },
    ),
    current_revision: Type.Optional(Count),
    limit: Type.Optional(Count),
    actual: Type.Optional(Count),
  },
  closed,
);
