/** The typed client of a Balsa cluster. */
export type {
  Backup,
  ChartAnswer,
  DeleteAnswer,
  InspectAnswer,
  KeyValue,
  ListedKey,
  ListPage,
  LiveAnswer,
  LogItem,
  LogPage,
  MemberAnswer,
  MembersAnswer,
  RemovedAnswer,
  SetAnswer,
  SnapshotAnswer,
  Staleness,
  StaleRead,
  StatusAnswer,
  TransferAnswer,
  Transition,
  TransitionsAnswer,
  WhyAnswer,
} from "./answers";
export type { CallOptions } from "./call";
export { type Client, createClient } from "./client";
export { parseEndpoint } from "./endpoints";
export {
  BalsaError,
  type ClientError,
  type ClientErrorCode,
  type ClientErrorFacts,
  isClientError,
} from "./errors";
export type { Followed, FollowOptions } from "./follow";
export type { TransitionsOptions } from "./inspection";
export type { AddMemberOptions } from "./members";
export type { ClientOptions, ListOptions, LogOptions, WriteOptions } from "./options";
export type { Fetch, Surroundings } from "./surroundings";
export type { JsonValue, StoredValue } from "./values";
