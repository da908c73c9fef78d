/** What the API answers, in the types of the very schemas that it is validated with. */
import type { Static } from "@sinclair/typebox";
import type * as inspection from "../../inspection-schemas";
import type * as schemas from "../../schemas";

export type Live = Static<typeof inspection.LiveAnswer>;
export type LivePeer = Live["peers"][number];
export type Inspection = Static<typeof inspection.InspectAnswer>;
export type Machine = Inspection["machines"][number];
export type Transition = Static<typeof inspection.TransitionItem>;
export type Chart = Static<typeof inspection.ChartAnswer>;
export type ChartState = Chart["states"][number];
export type ChartTransition = Chart["transitions"][number];
export type Why = Static<typeof inspection.WhyAnswer>;
export type Status = Static<typeof schemas.StatusAnswer>;
export type StatusNode = Status["nodes"][number];
export type KeyValue = Static<typeof schemas.KeyValueAnswer>;
export type KeyPage = Static<typeof schemas.ListAnswer>;
export type LogPage = Static<typeof schemas.LogAnswer>;
export type LogItem = LogPage["items"][number];
export type Problem = Static<typeof schemas.Problem>;
