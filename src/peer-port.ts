/** Where a node's peer port listens, and where the others are told to find it. */
import { formatAddress, isWildcard, parseHostAndPort } from "./api/addresses";
import type { Config } from "./config";
import { StartupError } from "./errors";
import type { FirstPeerPort, Identity } from "./store/ports";
import type { Address } from "./types";

/** The peer port of a first start; `configured` is the address that the others know. */
export const firstPeerPort = ({ peer }: Config, configured: Address): FirstPeerPort => ({
  listen: peer === null ? configured : formatAddress(peer.host, peer.port ?? 0),
  configured,
});

/**
 * `--peer`, or as at the first start, or as the founders have it. **Errors**: `StartupError`
 * `bad_flag` where nobody says.
 */
export function listenAddress({ peer }: Config, identity: Identity): Address {
  if (peer !== null) return formatAddress(peer.host, peer.port ?? 0);
  const own = identity.founders.voters.find(({ id }) => id === identity.nodeId);
  const listen = identity.listen ?? own?.peerAddress;
  if (listen !== undefined) return listen;
  const what = `nobody wrote down where node ${identity.nodeId} listens`;
  throw new StartupError("bad_flag", `${what}: give its --peer host:port`);
}

/** Whether a node that listens at `listen` now has listened elsewhere before. */
const hasMoved = (listen: Address, before: FirstPeerPort): boolean =>
  before.listen !== null && (listen !== before.listen || before.configured === null);

/**
 * What a node that listens at `listen` tells the others; null where what they know still holds. One
 * that has never moved says nothing: an operator may have told them better, behind a proxy or by
 * another name.
 */
export function announcedAddress(listen: Address, before: FirstPeerPort): Address | null {
  const { host, port } = parseHostAndPort(listen) ?? { host: "", port: null };
  if (port === null || port === 0 || isWildcard(host)) return null;
  return hasMoved(listen, before) ? listen : null;
}
