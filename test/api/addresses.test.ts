import { describe, expect, test } from "bun:test";
import { formatAddress, parseHostAndPort } from "../../src/api/addresses";

describe("an address", () => {
  const good: readonly (readonly [text: string, host: string, port: number | null])[] = [
    ["127.0.0.1:8080", "127.0.0.1", 8080],
    ["localhost", "localhost", null],
    ["KV-1.Example.:80", "kv-1.example.", 80],
    ["node_1:0", "node_1", 0],
    ["[::1]:65535", "::1", 65_535],
    ["[2001:DB8::1]", "2001:db8::1", null],
  ];
  for (const [text, host, port] of good) {
    test(text, () => {
      expect(parseHostAndPort(text)).toEqual({ host, port });
      if (port !== null) expect(formatAddress(host, port)).toBe(text.toLowerCase());
    });
  }
  const bad = [
    ...[
      "",
      ":80",
      "a:",
      "a:b",
      "a:65536",
      "a:-1",
      "a:080000",
      "::1",
      "[::1",
      "[a]:1",
      "[1.2.3.4]:1",
    ],
    ...["256.1.1.1", "1.2.3", "1.2.3.4.5", "12", "a b", "a/b", "a@b", "-a", "a-", "a..b", "é"],
    ...[`${"a".repeat(254)}:1`, "a:1:2", "http://a"],
  ];
  for (const text of bad) {
    test(`${text.slice(0, 20)} is none`, () => expect(parseHostAndPort(text)).toBeNull());
  }
});
