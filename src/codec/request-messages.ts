/** Requests between nodes and their answers ⇄ fields: what a follower forwards for a client. */
import type { Outcome, RequestErrorCode, RequestErrorFacts } from "../errors";
import type { NodeReport, PeerAnswer, PeerRequest, SnapshotProgress } from "../messages";
import {
  type CommandResult,
  logIndex,
  type MembershipChange,
  nodeId,
  type Role,
  revision,
  term,
} from "../types";
import type { Field, FieldReader } from "./fields";
import { greetingTextMax } from "./greetings";

/** Longest explanation in a failed answer; a longer one is cut. Units: UTF-16 units. */
export const failureDetailMax = 4_096;

/** Kinds share their numbers' space with Raft messages; none is ever given anew. */
export const requestKinds: Readonly<Record<PeerRequest["type"], number>> = {
  propose: 32,
  readIndex: 33,
  report: 34,
  changeMembers: 35,
  transfer: 36,
};
export const answerKinds: Readonly<Record<PeerAnswer["type"], number>> = {
  proposed: 48,
  readIndex: 49,
  report: 50,
  failed: 51,
  membersChanged: 52,
  transferred: 53,
};

export function requestFields(request: PeerRequest): readonly Field[] {
  switch (request.type) {
    case "propose":
      return [request.command];
    case "changeMembers":
      return changeFields(request.change);
    case "transfer":
      return [request.to];
    case "readIndex":
    case "report":
      return [];
  }
}

/** Reads the fields behind `kind`, or null where no request has that kind. */
export function readRequest(kind: number, fields: FieldReader): PeerRequest | null {
  switch (kind) {
    case requestKinds.propose:
      return { type: "propose", command: fields.bytes("command") };
    case requestKinds.readIndex:
      return { type: "readIndex" };
    case requestKinds.report:
      return { type: "report" };
    case requestKinds.changeMembers:
      return { type: "changeMembers", change: readChange(fields) };
    case requestKinds.transfer: {
      const to = fields.positiveOrNull("target");
      return { type: "transfer", to: to === null ? null : nodeId(to) };
    }
    default:
      return null;
  }
}

export function answerFields(answer: PeerAnswer): readonly Field[] {
  switch (answer.type) {
    case "proposed":
      return resultFields(answer.result);
    case "readIndex":
      return [answer.index];
    case "report":
      return reportFields(answer.report);
    case "membersChanged":
      return [answer.index, answer.isPending];
    case "transferred":
      return [answer.leaderId];
    case "failed":
      return [answer.code, ...factsFields(answer.facts)];
  }
}

/** Reads the fields behind `kind`, or null where no answer has that kind. */
export function readAnswer(kind: number, fields: FieldReader): PeerAnswer | null {
  switch (kind) {
    case answerKinds.proposed:
      return { type: "proposed", result: readResult(fields) };
    case answerKinds.readIndex:
      return { type: "readIndex", index: logIndex(fields.count("read index")) };
    case answerKinds.report:
      return { type: "report", report: readReport(fields) };
    case answerKinds.membersChanged:
      return {
        type: "membersChanged",
        index: logIndex(fields.count("index")),
        isPending: fields.flag("pending"),
      };
    case answerKinds.transferred:
      return { type: "transferred", leaderId: nodeId(fields.positive("leader")) };
    case answerKinds.failed:
      return { type: "failed", code: fields.word("code", errorCodes), facts: readFacts(fields) };
    default:
      return null;
  }
}

function changeFields(change: MembershipChange): readonly Field[] {
  const { id, kind } = change;
  switch (kind) {
    case "add":
      return [kind, id, change.peerAddress, change.stays];
    case "remove":
      return [kind, id, change.force];
    case "move":
      return [kind, id, change.peerAddress];
    case "promote":
      return [kind, id];
  }
}

function readChange(fields: FieldReader): MembershipChange {
  const kind = fields.word("change", changeWords);
  const id = nodeId(fields.positive("member"));
  switch (kind) {
    case "add": {
      const peerAddress = fields.text("peer address", greetingTextMax);
      return { kind, id, peerAddress, stays: fields.flag("stays") };
    }
    case "remove":
      return { kind, id, force: fields.flag("force") };
    case "move":
      return { kind, id, peerAddress: fields.text("peer address", greetingTextMax) };
    case "promote":
      return { kind, id };
  }
}

function resultFields(result: CommandResult): readonly Field[] {
  const decision = [result.kind, result.revision, result.term, result.index];
  if (result.kind === "deleted") return [...decision, result.deleted];
  if (result.kind === "preconditionFailed") return [...decision, result.modRevision];
  return decision;
}

function readResult(fields: FieldReader): CommandResult {
  const kind = fields.word("result", resultWords);
  const decision = {
    revision: revision(fields.count("revision")),
    term: term(fields.count("term")),
    index: logIndex(fields.count("index")),
  };
  switch (kind) {
    case "deleted":
      return { kind, ...decision, deleted: fields.flag("deleted") };
    case "preconditionFailed":
      return { kind, ...decision, modRevision: revision(fields.count("mod revision")) };
    case "set":
    case "idempotencyMismatch":
      return { kind, ...decision };
  }
}

const reportFields = (report: NodeReport): readonly Field[] => [
  report.role,
  report.term,
  report.commitIndex,
  report.appliedIndex,
  report.lastLogIndex,
  report.snapshotIndex,
  report.installing?.snapshotIndex ?? null,
  report.installing?.receivedBytes ?? null,
  report.installing?.totalBytes ?? null,
];

function readReport(fields: FieldReader): NodeReport {
  const role = fields.word("role", roleWords);
  const known = {
    term: term(fields.count("term")),
    commitIndex: logIndex(fields.count("commit index")),
    appliedIndex: logIndex(fields.count("applied index")),
    lastLogIndex: logIndex(fields.count("last log index")),
  };
  const snapshotIndex = fields.countOrNull("snapshot index");
  return {
    role,
    ...known,
    snapshotIndex: snapshotIndex === null ? null : logIndex(snapshotIndex),
    installing: readProgress(fields),
  };
}

/** Three nulls where no snapshot is coming in. */
function readProgress(fields: FieldReader): SnapshotProgress | null {
  const index = fields.countOrNull("snapshot coming in");
  const receivedBytes = fields.countOrNull("received bytes");
  const totalBytes = fields.countOrNull("total bytes");
  if (index === null || receivedBytes === null || totalBytes === null) return null;
  return { snapshotIndex: logIndex(index), receivedBytes, totalBytes };
}

const factsFields = (facts: RequestErrorFacts): readonly Field[] => [
  facts.detail.slice(0, failureDetailMax).toWellFormed(),
  facts.outcome ?? "none",
  facts.retryable,
  facts.currentRevision ?? null,
  facts.limit ?? null,
  facts.actual ?? null,
  facts.allow ?? null,
  facts.retryAfterSeconds ?? null,
];

function readFacts(fields: FieldReader): RequestErrorFacts {
  const detail = fields.text("detail", failureDetailMax);
  const outcome = fields.word("outcome", outcomeWords);
  const retryable = fields.flag("retryable");
  const currentRevision = fields.countOrNull("current revision");
  const limit = fields.countOrNull("limit");
  const actual = fields.countOrNull("actual");
  const allow = fields.textOrNull("allow", 128);
  const retryAfterSeconds = fields.countOrNull("retry after");
  return {
    detail,
    outcome: outcome === "none" ? null : outcome,
    retryable,
    ...(currentRevision !== null && { currentRevision: revision(currentRevision) }),
    ...(limit !== null && { limit }),
    ...(actual !== null && { actual }),
    ...(allow !== null && { allow }),
    ...(retryAfterSeconds !== null && { retryAfterSeconds }),
  };
}

const changeWords: Readonly<Record<MembershipChange["kind"], true>> = {
  add: true,
  remove: true,
  move: true,
  promote: true,
};
const resultWords: Readonly<Record<CommandResult["kind"], true>> = {
  set: true,
  deleted: true,
  preconditionFailed: true,
  idempotencyMismatch: true,
};
const roleWords: Readonly<Record<Role, true>> = { Leader: true, Follower: true, Candidate: true };
const outcomeWords: Readonly<Record<NonNullable<Outcome> | "none", true>> = {
  applied: true,
  not_applied: true,
  unknown: true,
  none: true,
};
const errorCodes: Readonly<Record<RequestErrorCode, true>> = {
  invalid_request: true,
  forbidden_origin: true,
  key_not_found: true,
  not_found: true,
  method_not_allowed: true,
  compacted: true,
  precondition_failed: true,
  too_large: true,
  idempotency_mismatch: true,
  membership_conflict: true,
  overloaded: true,
  no_leader: true,
  shutting_down: true,
  outcome_unknown: true,
  timeout: true,
  out_of_space: true,
  internal: true,
};
