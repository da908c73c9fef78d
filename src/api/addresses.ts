/** `host:port`, as flags, `Host` headers and origins write it. IPv6 hosts stand in brackets. */
import { isIP, isIPv6 } from "node:net";
import type { Address } from "../types";

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

/** They stand for every address of a machine: one listens there, and nobody connects there. */
const WILDCARDS = ["0.0.0.0", "[::]", "[::ffff:0:0]"];

/** Whether others cannot connect to `host`, however it is spelt. */
export function isWildcard(host: string): boolean {
  return WILDCARDS.includes(isIPv6(host) ? new URL(`http://[${host}]`).hostname : host);
}

/**
 * An address that others dial, in its one spelling; or what is wrong with it, in words that follow
 * the address.
 */
export function readReachableAddress(text: string): { readonly address: Address } | string {
  const { host, port } = parseHostAndPort(text) ?? { host: "", port: null };
  if (port === null) return "is no host:port, such as 127.0.0.1:9081 or [::1]:9081";
  if (isWildcard(host)) return `names no machine: others cannot connect to ${host}`;
  if (port === 0) return "needs a port from 1 to 65535";
  return { address: formatAddress(host, port) };
}
