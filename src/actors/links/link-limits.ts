/** Every bound on peer links, in one place. */
import { defaultFrameLimits, type FrameLimits } from "../../codec/frames";
import {
  type AcceptanceTimings,
  defaultAcceptanceTimings,
} from "../../machines/acceptance.machine";
import {
  type ConnectionTimings,
  defaultConnectionTimings,
} from "../../machines/connection.machine";

export interface LinkLimits extends FrameLimits {
  /** Largest frame before the greeting is done. Units: bytes. */
  readonly greetingBytesMax: number;
  /** Connections from others held at a time, strangers included. */
  readonly acceptedLinksMax: number;
  readonly connection: ConnectionTimings;
  readonly acceptance: AcceptanceTimings;
}
export const defaultLinkLimits: LinkLimits = {
  ...defaultFrameLimits,
  greetingBytesMax: 64 * 1024,
  acceptedLinksMax: 64,
  connection: defaultConnectionTimings,
  acceptance: defaultAcceptanceTimings,
};
