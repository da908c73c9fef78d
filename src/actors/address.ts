/** `host:port`, as people write it; an IPv6 host stands in brackets: `[::1]:9081`. */
import type { Address } from "../types";

export interface HostAndPort {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

const shape = /^(?:\[([\w:.%]+)\]|([^\s:[\]]+)):(\d{1,5})$/;

/** null where `address` is not one. Port 0 is one: "any free port". */
export function parseAddress(address: Address): HostAndPort | null {
  const [, bracketed, bare, digits] = shape.exec(address) ?? [];
  const host = bracketed ?? bare;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return null;
  return { host, port };
}

export const formatAddress = ({ host, port }: HostAndPort): Address =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
