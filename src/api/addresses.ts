/** `host:port`, as flags, `Host` headers and origins write it. IPv6 hosts stand in brackets. */
import { isIP, isIPv6 } from "node:net";

/** An address taken apart. `host` has no brackets and is in lower case. */
export interface HostAndPort {
  readonly host: string;
  /** null where none was written. */
  readonly port: number | null;
}

const NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/;
const PARTS = /^(?:\[([^[\]]+)\]|([^[\]:]+))(?::([0-9]{1,5}))?$/;

/** Takes `host` or `host:port` apart; null where it is neither. */
export function parseHostAndPort(text: string): HostAndPort | null {
  const [, bracketed, plain, digits] = PARTS.exec(text.toLowerCase()) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || !isHost(host, bracketed !== undefined)) return null;
  if (digits === undefined) return { host, port: null };
  const port = Number(digits);
  return port > 65_535 ? null : { host, port };
}

function isHost(host: string, bracketed: boolean): boolean {
  if (bracketed) return isIPv6(host);
  // What is all digits and dots means to be an IPv4 address, and is one or nothing.
  return /^[0-9.]+$/.test(host) ? isIP(host) === 4 : host.length <= 253 && NAME.test(host);
}

/** Writes an address the way `parseHostAndPort` reads it. */
export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
