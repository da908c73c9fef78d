import { expect, test } from "bun:test";
import { formatAddress, parseAddress } from "../../src/actors/address";

test("an address is a host and a port", () => {
  for (const [address, host, port] of [
    ["127.0.0.1:9081", "127.0.0.1", 9081],
    ["node-1.example:1", "node-1.example", 1],
    ["[::1]:9081", "::1", 9081],
    ["[fe80::1%eth0]:65535", "fe80::1%eth0", 65_535],
    ["0.0.0.0:0", "0.0.0.0", 0],
  ] as const) {
    expect(parseAddress(address)).toEqual({ host, port });
    expect(formatAddress({ host, port })).toBe(address);
  }
});

test("anything else is none", () => {
  for (const address of [
    "",
    "host",
    "host:",
    ":80",
    "::1:9081",
    "h:65536",
    "h:1x",
    "[::1]",
    "a b:1",
  ]) {
    expect(parseAddress(address), address).toBeNull();
  }
});
