/** What calls answer: the API's own shapes, read off its type. */
import type { treaty } from "@elysiajs/eden";
import type { Api } from "../api/app";
import type { Decoded } from "./values";

/** The API of one node, typed by the routes themselves. */
export type TypedApi = ReturnType<typeof treaty<Api>>;

/** What a route answers where all went well. */
type DataOf<Route extends (...asked: never[]) => Promise<{ readonly data: unknown }>> = NonNullable<
  Awaited<ReturnType<Route>>["data"]
>;

type KeyRoutes = ReturnType<TypedApi["v1"]["kv"]>;
type Members = TypedApi["v1"]["cluster"]["members"];

/** A key, its value and its revisions. */
export type KeyValue = Decoded<DataOf<KeyRoutes["get"]>>;
export type SetAnswer = DataOf<TypedApi["set"]["post"]>;
export type DeleteAnswer = DataOf<KeyRoutes["delete"]>;
export type ListAnswer = DataOf<TypedApi["v1"]["kv"]["get"]>;
export type LogAnswer = DataOf<TypedApi["v1"]["log"]["get"]>;
export type StatusAnswer = DataOf<TypedApi["cluster"]["status"]["get"]>;
export type MembersAnswer = DataOf<Members["get"]>;
export type MemberAnswer = DataOf<ReturnType<Members>["get"]>;
export type RemovedAnswer = DataOf<ReturnType<Members>["delete"]>;
export type TransferAnswer = DataOf<TypedApi["v1"]["cluster"]["transfer-leadership"]["post"]>;
export type SnapshotAnswer = DataOf<TypedApi["v1"]["snapshot"]["post"]>;

type Inspect = TypedApi["v1"]["inspect"];
export type InspectAnswer = DataOf<Inspect["get"]>;
export type TransitionsAnswer = DataOf<Inspect["transitions"]["get"]>;
export type ChartAnswer = DataOf<Inspect["chart"]["get"]>;
export type LiveAnswer = DataOf<Inspect["live"]["get"]>;
export type WhyAnswer = DataOf<TypedApi["v1"]["why"]["get"]>;

/** A change of a machine's state, as its node tells it. */
export type Transition = TransitionsAnswer["items"][number];

/** How old a stale answer may be, in ms; "unknown" before any contact; null for one that is not. */
export type Staleness = number | "unknown" | null;

/** A key as one node's own copy has it. */
export interface StaleRead {
  /** null where that copy has no such key. */
  readonly item: KeyValue | null;
  readonly staleness_ms: Staleness;
}

/** A listed key; its value is absent where only keys were asked for. */
export type ListedKey = Omit<KeyValue, "value"> & Partial<Pick<KeyValue, "value">>;

/** A page of keys, in the order of their bytes. */
export interface ListPage extends Omit<ListAnswer, "items"> {
  readonly items: readonly ListedKey[];
  readonly staleness_ms: Staleness;
}

/** A committed entry as the API tells it, its value as it was stored. */
export type LogItem = Decoded<LogAnswer["items"][number]>;

export interface LogPage extends Omit<LogAnswer, "items"> {
  readonly items: readonly LogItem[];
}

/** Everything, consistent at one revision. */
export interface Backup {
  readonly revision: number;
  /** The file, as it comes; it ends with an error where the node does. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}
