import { expect, test } from "bun:test";
import { betterHost } from "../../../../src/api/dashboard/page/view/own-address";

test("a page goes from one name of its machine to the one that the others know", () => {
  expect(betterHost("localhost:8081", "127.0.0.1:8081")).toBe("127.0.0.1:8081");
  expect(betterHost("[::1]:8081", "localhost:8081")).toBe("localhost:8081");
});

test("it stays where it is at home, where nothing is announced, and where it is elsewhere", () => {
  const cases: readonly (readonly [loaded: string, announced: string | null])[] = [
    ["127.0.0.1:8081", "127.0.0.1:8081"],
    ["localhost:8081", null],
    // A tunnel, a proxy: who knows where the announced address would lead from here.
    ["localhost:9999", "127.0.0.1:8081"],
    ["localhost:8081", "10.0.0.7:8081"],
    ["kv.example:8081", "127.0.0.1:8081"],
    ["localhost:8081", "0.0.0.0:8081"],
  ];
  for (const [loaded, announced] of cases) expect(betterHost(loaded, announced)).toBeNull();
});
