/** What all links of a node share. */
import type { Clock } from "../clock";
import type { MachineWatch } from "../machine-watch";
import type { StreamNetwork } from "../stream";
import type { ScheduleFlush } from "./framed-stream";
import type { LinkLimits } from "./link-limits";

export interface LinkEnvironment {
  readonly network: StreamNetwork;
  readonly clock: Clock;
  readonly limits: LinkLimits;
  /** Of the jitter in back-offs. */
  readonly seed: number | string;
  readonly scheduleFlush: ScheduleFlush;
  readonly watch: MachineWatch;
}
